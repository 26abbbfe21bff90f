// Plain JavaScript, for `node --import ./scripts/check-node.mjs <file.ts>`: a Node that cannot read TypeScript must still
// be able to say what is missing, in one line.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 24 || (major === 24 && minor < 12)) {
  console.error(
    `Posada needs Node 24.12 or newer and this is ${process.versions.node}: run "npm ci" here, with install scripts allowed`,
  );
  process.exit(1);
}

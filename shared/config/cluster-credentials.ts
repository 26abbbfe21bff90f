/** ioredis takes credentials and TLS of a cluster from the options only, not from the nodes' URLs. */
export function clusterCredentials(node: string): { username?: string; password?: string; tls?: object } {
  const url = new URL(node);
  return {
    ...(url.username ? { username: decodeURIComponent(url.username) } : {}),
    ...(url.password ? { password: decodeURIComponent(url.password) } : {}),
    ...(url.protocol === 'rediss:' ? { tls: {} } : {}),
  };
}

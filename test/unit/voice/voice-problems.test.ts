import { expect } from 'chai';
import { decideReply } from '#shared/domain/conversations/decide-reply.ts';
import { voiceProblems } from '#shared/domain/conversations/voice.ts';
import { expectSendable, readable } from '../conversations/check-limits.ts';
import { buildMessage, createWorld, lookAt, takeTurn } from '../conversations/world.ts';

describe('a voice note without words', () => {
  const note = (voiceProblem: (typeof voiceProblems)[number]) =>
    buildMessage({ type: 'audio', text: null, isVoice: true, voiceProblem });

  for (const language of ['es', 'pt', 'en'] as const)
    it(`is told why, each reason in words of its own (${language})`, async () => {
      const said = new Set<string>();
      for (const problem of voiceProblems) {
        const { replies, decision } = await takeTurn(createWorld({ language }), [note(problem)]);
        expect(replies).to.have.length(1);
        for (const reply of replies) expectSendable(reply);
        expect(decision).to.deep.include({ act: null, covered: 1 });
        said.add(readable(replies[0]!));
      }
      expect(said.size).to.equal(voiceProblems.length);
    });

  it('gets one apology for two of the same, and the rest of what was asked is answered', async () => {
    const wifi = buildMessage({ text: '¿tienen wifi?' }, { intent: 'amenities' });
    const { replies } = await takeTurn(createWorld(), [note('silent'), note('silent'), wifi]);
    const text = replies.map(readable).join('\n');
    expect(text.match(/sin sonido/g)).to.have.length(1);
    expect(text.length).to.be.greaterThan(120);
  });

  it('does not lose what is being talked of', async () => {
    const world = createWorld();
    world.state = { checkIn: '2027-01-10', checkOut: '2027-01-14', expecting: 'guests' };
    const { replies } = await takeTurn(world, [note('unclear')]);
    expect(replies.map(readable).join('\n'))
      .to.match(/No llegué a entender/)
      .and.to.match(/personas/);
    expect(world.state).to.include({ checkIn: '2027-01-10', checkOut: '2027-01-14' });
  });

  it('is not taken for one when it has words', async () => {
    const heard = buildMessage(
      { type: 'audio', text: 'hola', isVoice: true, voiceProblem: null },
      { intent: 'greeting' },
    );
    const decision = await decideReply({}, 'es', [heard], lookAt(createWorld()));
    expect(decision.replies.map(readable).join()).not.to.match(/audio/i);
  });
});

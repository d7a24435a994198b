import { entryDraft, type EntryDraft } from '@kula/contracts';

/** A message of the drafts' stream. */
export interface DraftMessage {
  readonly subject: string;
  readonly streamSeq: number;
  readonly payload: Uint8Array;
}

/** A message that is a draft. */
export interface ReceivedDraft {
  readonly message: DraftMessage;
  readonly draft: EntryDraft;
}

/** A message that cannot become an entry, and why. */
export interface DraftToSetAside {
  readonly message: DraftMessage;
  /** Id of the draft where it has one, else its place in the stream: the same message is set aside once. */
  readonly id: string;
  readonly code: string;
  readonly detail: string;
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** The draft in a message, or why it is none. */
export function readDraft(message: DraftMessage): ReceivedDraft | DraftToSetAside {
  const malformed = (detail: string): DraftToSetAside => ({ message, id: `FEDOUT:${message.streamSeq}`, code: 'draft.malformed', detail });
  let content: unknown;
  try {
    content = JSON.parse(utf8.decode(message.payload));
  } catch {
    return malformed('the message is not JSON');
  }
  const parsed = entryDraft.safeParse(content);
  if (!parsed.success) return malformed(`the draft's ${parsed.error.issues[0]?.path.join('.') || 'form'} is wrong`);
  if (message.subject !== `fedout.${parsed.data.topic}`) return { ...malformed('the draft came on the subject of another topic'), id: parsed.data.id };
  return { message, draft: parsed.data };
}

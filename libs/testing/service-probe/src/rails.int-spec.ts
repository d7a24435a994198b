import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Injectable, Module, type DynamicModule } from '@nestjs/common';
import { defineEvent, defineOperation, listingWithdrawn, type AppliedEntry, type Operation as OperationContract } from '@kula/contracts';
import { nodeIdOf } from '@kula/testing-fixtures';
import { DomainError } from '@kula/kernel-primitives';
import { FederationClientModule, FederationInbox, FederationOutbox, OnFederated, onMessage } from '@kula/platform-federation';
import type { ServiceDefinition } from '@kula/platform-host';
import { OnEvent, Operation } from '@kula/platform-messaging';
import { Inbox, Outbox, PersistenceModule, UnitOfWork } from '@kula/platform-persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { z } from 'zod';
import { ServiceProbe, until } from './service-probe.js';

const writeNote = defineOperation({
  subject: 'notes.v1.note.write', summary: 'Writes a note.', roles: ['public'],
  input: z.strictObject({ text: z.string().min(1) }), output: z.strictObject({ text: z.string(), notes: z.int() }), errors: ['notes.rude'],
});
const noteWritten = defineEvent({ subject: 'evt.notes.v1.note.written', payload: z.strictObject({ text: z.string() }) });
const notesCounted = defineOperation({
  subject: 'notes.v1.note.count', summary: 'Counts.', roles: ['public'], input: z.strictObject({}),
  output: z.strictObject({ events: z.int(), entries: z.int() }), errors: [],
}) satisfies OperationContract;

class RudeNoteError extends DomainError<'notes.rude'> {
  readonly code = 'notes.rude';
}

class CreateNotes1767258000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE TABLE note (text text NOT NULL); CREATE TABLE tally (kind text NOT NULL)');
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE note; DROP TABLE tally');
  }
}

@Injectable()
class Notes {
  constructor(readonly unitOfWork: UnitOfWork, readonly outbox: Outbox, readonly federation: FederationOutbox, readonly inbox: Inbox, readonly entries: FederationInbox) {}
}

@Controller()
class NotesController {
  constructor(private readonly notes: Notes) {}

  @Operation(writeNote)
  async write({ text }: { text: string }) {
    return this.notes.unitOfWork.run(async (tx) => {
      await tx.query('INSERT INTO note VALUES ($1)', [text]);
      await this.notes.outbox.add(noteWritten, { text }, tx);
      await this.notes.federation.add(listingWithdrawn, { listing_id: text, home_node: nodeIdOf('north') }, { subject: text }, tx);
      if (text === 'rude') throw new RudeNoteError('be kind', { text });
      const [row] = await tx.query<{ count: string }[]>('SELECT count(*) FROM note');
      return { text, notes: Number(row?.count) };
    });
  }

  @Operation(notesCounted)
  async count() {
    return this.notes.unitOfWork.run(async (tx) => {
      const rows = await tx.query<{ kind: string }[]>('SELECT kind FROM tally');
      return { events: rows.filter((row) => row.kind === 'event').length, entries: rows.filter((row) => row.kind === 'entry').length };
    });
  }

  @OnEvent(noteWritten)
  async counted(_payload: { text: string }, messageId: string): Promise<void> {
    await this.notes.inbox.once('tally', messageId, async (tx) => { await tx.query(`INSERT INTO tally VALUES ('event')`); });
  }

  @OnFederated('graph')
  async withdrawn(entry: AppliedEntry): Promise<void> {
    await this.notes.entries.apply('notes', entry, [onMessage(listingWithdrawn, async ({ body }, tx) => {
      if (body.listing_id === 'rude') throw new RudeNoteError('be kind');
      await tx.query(`INSERT INTO tally VALUES ('entry')`);
    })]);
  }
}

@Module({})
class NotesModule {
  static for(databaseUrl: string): DynamicModule {
    return {
      module: NotesModule, controllers: [NotesController], providers: [Notes],
      imports: [PersistenceModule.forService(databaseUrl, { schema: 'notes', entities: [], migrations: [CreateNotes1767258000000] }), FederationClientModule],
    };
  }
}

const notesService: ServiceDefinition = { name: 'notes', module: (settings) => NotesModule.for(settings.KULA_DATABASE_URL) };

describe('the rails of a service', () => {
  let probe: ServiceProbe;
  beforeAll(async () => { probe = await ServiceProbe.start(notesService); });
  afterAll(async () => { await probe?.stop(); });

  it('answer an operation and publish its event and its draft once, after the commit', async () => {
    expect(await probe.ask(writeNote, { text: 'hello' })).toEqual({ text: 'hello', notes: 1 });
    await until('the event to be counted', async () => (await probe.ask(notesCounted, {})).events === 1);
    expect(await probe.published(noteWritten)).toEqual([{ text: 'hello' }]);
    expect(await probe.sent(listingWithdrawn)).toMatchObject([{ topic: 'graph', type: 'listing.withdrawn', subject: 'hello' }]);
  });

  it('roll everything back on a refusal and carry its code', async () => {
    await expect(probe.ask(writeNote, { text: 'rude' })).rejects.toMatchObject({ code: 'notes.rude', params: { text: 'rude' } });
    expect(await probe.sql('SELECT text FROM notes.note')).toEqual([{ text: 'hello' }]);
  });

  it('name the field of a malformed message', async () => {
    await expect(probe.ask(writeNote, { text: '' })).rejects.toMatchObject({ code: 'message.malformed', message: expect.stringContaining('/text') });
  });

  it('apply an entry once however often it is delivered, and record a refused one', async () => {
    const issuer = nodeIdOf('south');
    const first = await probe.deliver(listingWithdrawn, { listing_id: 'a', home_node: issuer }, { issuer });
    await probe.deliver(listingWithdrawn, { listing_id: 'a', home_node: issuer }, first);
    await probe.deliver(listingWithdrawn, { listing_id: 'rude', home_node: issuer }, { issuer });
    await probe.deliver(listingWithdrawn, { listing_id: 'b', home_node: issuer }, { issuer });
    await until('two entries to be counted', async () => (await probe.ask(notesCounted, {})).entries === 2);
    expect(await probe.sql('SELECT entry_id, code FROM notes.refused_entry')).toEqual([{ entry_id: `${issuer}:2`, code: 'notes.rude' }]);
  });

  it('go on after a restart', async () => {
    await probe.restart();
    expect(await probe.ask(writeNote, { text: 'again' })).toEqual({ text: 'again', notes: 2 });
    await until('the event to be counted', async () => (await probe.ask(notesCounted, {})).events === 2);
  });
});

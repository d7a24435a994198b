import { Client } from 'pg';
import { SERVICE_NAMES, type DevNode, type ServiceName } from '@kula/testing-dev-network';

/** How a text stands in a row: as it is, in bytes that are shown in hex, or inside something in base64, at each of its three places there. */
function writings(text: string): string[] {
  const bytes = Buffer.from(text);
  const inBase64 = [0, 1, 2].map((before) => {
    // A group of four that is not all of the text holds bits of what stands around it.
    const whole = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64url');
    return whole.slice(before === 0 ? 0 : 4, whole.length - whole.length % 4);
  });
  return [text, bytes.toString('hex'), ...inBase64];
}

async function tracesIn(databaseUrl: string, needles: readonly string[]): Promise<string[]> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows: tables } = await client.query<{ name: string }>(
      `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE tableowner = current_user ORDER BY 1`,
    );
    if (tables.length === 0) throw new Error('no table can be looked into');
    const found: string[] = [];
    for (const { name } of tables) {
      const { rowCount } = await client.query(`SELECT 1 FROM ${name} AS row WHERE EXISTS (SELECT 1 FROM unnest($1::text[]) AS needle WHERE strpos(row::text, needle) > 0) LIMIT 1`, [needles]);
      if (rowCount === 1) found.push(name);
    }
    return found;
  } finally {
    await client.end();
  }
}

/** Tables of a node in which one of the texts stands somewhere, signed entries included. Texts of at least eight characters. */
export async function tracesOf(node: DevNode, texts: readonly string[], services: readonly ServiceName[] = SERVICE_NAMES): Promise<string[]> {
  const needles = texts.flatMap(writings);
  const found: string[] = [];
  for (const service of services) found.push(...await tracesIn(node.databaseUrl(service), needles));
  return found.sort();
}

/** Says what is being waited for, and how long it took. */
export async function progress<Result>(what: string, work: () => Promise<Result>): Promise<Result> {
  const startedAt = Date.now();
  process.stdout.write(`${what} … `);
  try {
    const result = await work();
    process.stdout.write(`done in ${((Date.now() - startedAt) / 1000).toFixed(1)} s\n`);
    return result;
  } catch (error) {
    process.stdout.write('failed\n');
    throw error;
  }
}

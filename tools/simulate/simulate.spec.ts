import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from '@jest/globals';

const root = fileURLToPath(new URL('../..', import.meta.url));
const run = (...words: string[]) => spawnSync(process.execPath, [join(root, 'tools/simulate/simulate.mjs'), ...words], { encoding: 'utf8' });
const script = (body: string) => spawnSync(process.execPath, ['--input-type=module', '-e', body], { encoding: 'utf8', cwd: join(root, 'tools/simulate') });

beforeAll(() => { spawnSync(process.execPath, [join(root, 'tools/workspace/build.mjs'), '--quiet']); });

describe('npm run simulate', () => {
  it('runs the schedules of a simulator and says what they came to', () => {
    const { status, stdout } = run('log', '--schedules', '3', '--seed', '7');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^\n3 schedules, seed 7 to 9, in /);
    for (const row of [/\n {2}steps +[\d,]+\n/, /\n {2}entries applied +[\d,]+\n/, /\n {2}crash +\d+\n/, /\n {2}snapshot adopted +\d+\n/, /\nviolations: none\n$/]) expect(stdout).toMatch(row);
  });

  it('tells one schedule in full', () => {
    const { status, stdout } = run('log', '--schedules', '1', '--seed', '7', '--verbose');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^seed 7\n +0\.000 s {2}\d nodes/);
    expect(stdout).toContain('node a is up, signs, 0 drafts; holds node a:');
  });

  it.each([
    [[], 'Name one simulator; there is: log.'],
    [['log', 'clearing'], 'Name one simulator; there is: log.'],
    [['clearing'], 'There is no simulator called clearing; there is: log.'],
    [['commit'], 'There is no simulator called commit; there is: log.'],
    [['log', '--schedules', '0'], '--schedules takes a whole number from 1 to 4294967295, not 0.'],
    [['log', '--seed', '1.5'], '--seed takes a whole number from 0 to 4294967295, not 1.5.'],
    [['log', '--loud'], "Unknown option '--loud'"],
  ])('refuses %j in a sentence', (words, sentence) => {
    const { status, stdout, stderr } = run(...words);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr.startsWith(sentence)).toBe(true);
  });

  it('names the seed of a schedule that failed, and how to run it again', () => {
    const { stdout } = script("import { failureText } from './summary.mjs'; process.stdout.write(failureText({ seed: 12, violations: ['node a signs two entries at 3'] }));");
    expect(stdout).toBe('\nseed 12\n  node a signs two entries at 3\n  run it again: npm run simulate -- log --seed 12 --schedules 1 --verbose\n');
  });
});

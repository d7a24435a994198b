import { spawn, type ChildProcess } from 'node:child_process';
import { appendFileSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const READY_MS_MAX = 120_000;

/** What to start. */
export interface ServiceCommand {
  readonly name: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly logFile: string;
}

/** One operating-system process that runs some or all services of a node. It ends when this process ends. */
export class ServiceProcess {
  private constructor(private readonly child: ChildProcess, private readonly ended: Promise<void>) {}

  /** Starts the process and resolves when all its services answer. @throws Error with the last log lines when it does not come up. */
  static async start({ name, args, env, logFile }: ServiceCommand): Promise<ServiceProcess> {
    const child = spawn(process.execPath, args, { env: { ...env, KULA_EXIT_WITH_PARENT: '1' }, stdio: ['pipe', 'pipe', 'pipe'] });
    const ended = new Promise<void>((resolve) => { child.once('exit', () => resolve()); });
    const log = (line: string) => appendFileSync(logFile, `${line}\n`);
    createInterface({ input: child.stderr }).on('line', log);
    const ready = new Promise<void>((resolve) => {
      createInterface({ input: child.stdout }).on('line', (line) => {
        log(line);
        if (line.startsWith('{"ready":"all"')) resolve();
      });
    });
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<'late'>((resolve) => { timer = setTimeout(() => resolve('late'), READY_MS_MAX); });
    const outcome = await Promise.race([ready.then(() => 'ready' as const), ended.then(() => 'ended' as const), late]);
    clearTimeout(timer);
    if (outcome === 'ready') return new ServiceProcess(child, ended);
    child.kill('SIGKILL');
    const lastLines = readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-15).join('\n');
    throw new Error(`${name} did not come up (${outcome}); its log ends with:\n${lastLines}`);
  }

  get pid(): number { return this.child.pid ?? 0; }

  get isRunning(): boolean { return this.child.exitCode === null && this.child.signalCode === null; }

  /** Asks it to finish what is in hand and waits; kills it after 15 s. */
  async stop(): Promise<void> {
    if (!this.isRunning) return;
    this.child.kill('SIGTERM');
    const timer = setTimeout(() => this.child.kill('SIGKILL'), 15_000);
    await this.ended;
    clearTimeout(timer);
  }

  /** As `kill -9`. */
  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.ended;
  }
}

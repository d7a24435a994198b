import { cpus, totalmem } from 'node:os';
import type { Measured } from './measure.js';

const escape = (text: string) => text.replaceAll('|', '\\|');

/** One benchmark as a Markdown table. */
export function toTable({ name, rows }: Measured): string {
  return [`### ${name}`, '', '| What | Figure | Against |', '|---|---|---|', ...rows.map(({ what, figure, against }) => `| ${escape(what)} | ${escape(figure)} | ${escape(against)} |`)].join('\n');
}

/** The document that `npm run bench -- --all` writes. */
export function toDocument(measured: readonly Measured[]): string {
  const machine = `${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${Math.round(totalmem() / 2 ** 30)} GB, Node ${process.versions.node}`;
  return `# Benchmarks

Written by \`npm run bench -- --all\`; do not edit. Measured in one run on one machine (${machine}), all nodes and the load generator on the same processors, disks
synchronised on every commit. Machines are noisy: read the ratios, and repeat before believing a difference.

${measured.map(toTable).join('\n\n')}
`;
}

const number = (value) => value.toLocaleString('en');

const rows = (pairs) => pairs.map(([name, value]) => `  ${name.padEnd(26)}${number(value).padStart(12)}\n`).join('');

/** What a series of schedules came to. */
export function summaryText(summary, { seed, seconds }) {
  const { schedules, steps, sealed, stored, applied, happened, failures } = summary;
  const last = seed + schedules - 1;
  return `\n${number(schedules)} schedule${schedules === 1 ? '' : 's'}, seed ${seed}${last > seed ? ` to ${last}` : ''}, in ${seconds.toFixed(1)} s\n`
    + rows([['steps', steps], ['entries sealed', sealed], ['entries stored', stored], ['entries applied', applied]])
    + `\nwhat happened\n${rows(Object.entries(happened))}`
    + `\nviolations: ${failures === 0 ? 'none' : `in ${number(failures)} schedule${failures === 1 ? '' : 's'}`}\n`;
}

/** A schedule in which something happened that must not, and how to see it again. */
export const failureText = ({ seed, violations }) =>
  `\nseed ${seed}\n${violations.map((violation) => `  ${violation}\n`).join('')}  run it again: npm run simulate -- log --seed ${seed} --schedules 1 --verbose\n`;

const SHOWN_EVERY_MS = 1_000;

/** One line on standard error that says how far it is; on a terminal it is written over, elsewhere written anew at every tenth. */
export function progressLine(total, { stream = process.stderr, now = Date.now } = {}) {
  const startedMs = now();
  let [done, failed, shownAt, tenth] = [0, 0, 0, 0];
  const text = () => `simulating: ${done} of ${total} schedules${failed > 0 ? `, ${failed} failed` : ''}, ${Math.round((now() - startedMs) / 1000)} s`;
  return {
    advance(hasFailed) {
      done += 1;
      failed += Number(hasFailed);
      if (stream.isTTY && now() - shownAt >= SHOWN_EVERY_MS) {
        shownAt = now();
        stream.write(`\r${text()}`);
      } else if (!stream.isTTY && total >= 100 && Math.floor((done * 10) / total) > tenth) {
        tenth = Math.floor((done * 10) / total);
        stream.write(`${text()}\n`);
      }
    },
    end() {
      if (stream.isTTY) stream.write(`\r${text()}\n`);
    },
  };
}

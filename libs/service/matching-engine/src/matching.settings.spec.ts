import { describe, expect, it } from '@jest/globals';
import { readSettings, SettingsError } from '@kula/platform-runtime';
import { matchingSettings } from './matching.settings.js';

const read = (env: Record<string, string>) => readSettings(matchingSettings, 'matching-engine', env);

describe('matchingSettings', () => {
  it('have sensible values where nothing is set', () => {
    expect(read({})).toEqual({
      KULA_MATCHING_THRESHOLD: 300_000, KULA_RING_LENGTH_MAX: 5, KULA_MATCHING_INTERVAL_SECONDS: 60,
      KULA_VISIBILITY_ALLOWED: ['network', 'summary', 'query', 'node'], KULA_VISIBILITY_DEFAULT: 'network', KULA_PEER_QUESTIONS_PER_HOUR: 240, KULA_PEER_DETAILS_PER_DAY: 200,
    });
  });

  it('take the limits of each', () => {
    expect(read({ KULA_MATCHING_THRESHOLD: '0', KULA_RING_LENGTH_MAX: '2', KULA_MATCHING_INTERVAL_SECONDS: '0' })).toMatchObject({ KULA_RING_LENGTH_MAX: 2 });
    expect(read({ KULA_MATCHING_THRESHOLD: '1000000', KULA_RING_LENGTH_MAX: '10' })).toMatchObject({ KULA_RING_LENGTH_MAX: 10 });
  });

  it('name the visibilities that members may choose', () => {
    expect(read({ KULA_VISIBILITY_ALLOWED: 'summary, node', KULA_VISIBILITY_DEFAULT: 'node' })).toMatchObject({ KULA_VISIBILITY_ALLOWED: ['summary', 'node'] });
    expect(() => read({ KULA_VISIBILITY_ALLOWED: 'summary,node' })).toThrow('KULA_VISIBILITY_DEFAULT: must be one of KULA_VISIBILITY_ALLOWED');
  });

  it.each([
    ['KULA_MATCHING_THRESHOLD', '1000001'], ['KULA_MATCHING_THRESHOLD', '-1'], ['KULA_MATCHING_THRESHOLD', 'high'],
    ['KULA_RING_LENGTH_MAX', '1'], ['KULA_RING_LENGTH_MAX', '11'], ['KULA_RING_LENGTH_MAX', '2.5'], ['KULA_MATCHING_INTERVAL_SECONDS', '-1'],
    ['KULA_VISIBILITY_ALLOWED', 'network,everything'], ['KULA_VISIBILITY_ALLOWED', ','], ['KULA_VISIBILITY_DEFAULT', 'everything'],
    ['KULA_PEER_QUESTIONS_PER_HOUR', '-1'], ['KULA_PEER_DETAILS_PER_DAY', '0.5'],
  ])('refuse %s=%s and name it', (name, value) => {
    expect(() => read({ [name]: value })).toThrow(SettingsError);
    expect(() => read({ [name]: value })).toThrow(name);
  });
});

import { describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { DependencyError, MalformedMessageError, RemoteFailure, RemoteRefusal } from '@kula/platform-messaging';
import { ForbiddenError, NotSignedInError, TooManyRequestsError } from './gateway.errors.js';
import { problemDocument } from './problem.js';
import { ProblemPresenter } from './problem.presenter.js';

Logger.overrideLogger(false);

const presenter = new ProblemPresenter('https://north.example');
const place = { instance: '/v1/chains/c1', correlationId: 'story-1' };
const presented = (error: unknown) => {
  const { status, headers, body } = presenter.present(error, place);
  return { status, headers, document: problemDocument.parse(JSON.parse(body)) };
};

describe('a problem', () => {
  it('carries a refusal of a service with its facts', () => {
    const { headers, document } = presented(new RemoteRefusal('exchange.chain_unknown', 'no chain is called c1', { chainId: 'c1' }));
    expect(headers['content-type']).toBe('application/problem+json; charset=utf-8');
    expect(document).toEqual({
      type: 'https://north.example/problems/exchange.chain_unknown', title: 'Chain is not known', status: 404, detail: 'no chain is called c1',
      instance: '/v1/chains/c1', code: 'exchange.chain_unknown', params: { chainId: 'c1' }, correlationId: 'story-1',
    });
  });

  it('names every malformed field, whether it was found here or by the service', () => {
    const here = new MalformedMessageError([{ pointer: '/cursor', detail: 'is not a cursor' }]);
    const there = new RemoteRefusal('message.malformed', here.message, here.params);
    for (const error of [here, there]) {
      expect(presented(error).document).toMatchObject({ status: 400, errors: [{ pointer: '/cursor', detail: 'is not a cursor' }] });
      expect(presented(error).document).not.toHaveProperty('params');
    }
  });

  it('names no field where a service names none', () => {
    expect(presented(new RemoteRefusal('message.malformed', 'malformed', {})).document.errors).toEqual([]);
  });

  it('asks to sign in and says what is wrong with a token', () => {
    expect(presented(new NotSignedInError(null)).headers['www-authenticate']).toBe('Bearer realm="kula"');
    expect(presented(new NotSignedInError('the session has expired')).headers['www-authenticate'])
      .toBe('Bearer realm="kula", error="invalid_token", error_description="the session has expired"');
  });

  it('names the roles that may', () => {
    const { document } = presented(new ForbiddenError('participant', ['cooperative', 'operator']));
    expect(document).toMatchObject({ status: 403, detail: 'a participant may not do this; it is for: cooperative, operator', params: { roles: 'cooperative operator' } });
  });

  it('says when to come back', () => {
    expect(presented(new TooManyRequestsError(7)).headers['retry-after']).toBe('7');
    const fault = presented(new DependencyError('nobody answers exchange.v1.chain.get'));
    expect(fault).toMatchObject({ status: 503, headers: { 'retry-after': '1' }, document: { code: 'dependency.unavailable' } });
    expect(JSON.stringify(fault.document)).not.toContain('exchange.v1');
  });

  it.each([
    ['a failure of a service', new RemoteFailure('exchange.v1.chain.get failed')],
    ['a code that nobody declared', new RemoteRefusal('exchange.secret', 'the password is x', { password: 'x' })],
    ['a bug here', new TypeError('x is not a function')],
    ['something that is no error', 'oops'],
  ])('says nothing about %s but the correlation id', (_what, error) => {
    expect(presented(error).document).toEqual({
      type: 'https://north.example/problems/gateway.internal', title: 'Internal error', status: 500, code: 'gateway.internal', correlationId: 'story-1',
    });
  });

  it('names its page by the path where the gateway has no public address', () => {
    expect(new ProblemPresenter('').typeOf('gateway.not_found')).toBe('/problems/gateway.not_found');
  });
});

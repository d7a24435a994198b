import type { HttpServer as NestHttpServer } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';

type Adapter = ReturnType<NestFastifyApplication['getHttpAdapter']>;

/** The HTTP server behind Nest. */
export type HttpServer = Adapter extends NestHttpServer<infer _Request, infer _Reply, infer Instance> ? Instance : never;

export type HttpRequest = Adapter extends NestHttpServer<infer Request, infer _Reply, infer _Instance> ? Request : never;

export type HttpReply = Adapter extends NestHttpServer<infer _Request, infer Reply, infer _Instance> ? Reply : never;

/** The path of a request as it came, without its query. */
export const pathOf = (request: HttpRequest): string => request.url.split('?', 1)[0] ?? '/';

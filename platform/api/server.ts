import swagger from '@fastify/swagger'
import fastify, { type FastifyInstance } from 'fastify'
import {
  jsonSchemaTransform,
  jsonSchemaTransformObject,
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from 'fastify-type-provider-zod'
import { PipiError } from '../../catalog/errors.ts'
import { authentication } from './authenticate.ts'
import type { ApiContext } from './context.ts'
import { countRequests } from './metrics.ts'
import { problemHandler, sendProblem } from './problem.ts'
import { ROUTES } from './routes/index.ts'

/** JSON bodies: a manifest of 32 KiB, escaped, with room to spare. Uploads have a limit of their own. */
const BODY_LIMIT = 256 * 1024

export type Api = ReturnType<typeof typed>

/** The HTTP API, not yet listening. Closing it ends event streams and waits for requests under way. */
export async function buildApi(context: ApiContext): Promise<FastifyInstance> {
  const server = fastify({
    logger: false,
    bodyLimit: BODY_LIMIT,
    routerOptions: { maxParamLength: 200 },
    requestTimeout: 60_000,
    keepAliveTimeout: 10_000,
    // Idle connections would keep a stopping platform alive.
    forceCloseConnections: 'idle',
    return503OnClosing: true,
    ajv: { customOptions: { strict: false } },
    clientErrorHandler(_error, socket) {
      if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n')
    },
  })
  server.setValidatorCompiler(validatorCompiler)
  server.setSerializerCompiler(serializerCompiler)
  server.setErrorHandler(problemHandler(context.log))
  server.setNotFoundHandler((request, reply) => {
    sendProblem(
      reply,
      new PipiError('not-found', `there is no ${request.method} ${request.url.split('?')[0]}`, {
        hint: 'see /openapi.json for what there is',
      }),
      request.url,
    )
  })
  await server.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Pipi Engines',
        version: context.version,
        description: "Deploys open-source workspaces onto the clouds' free tiers.",
      },
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
      security: [{ token: [] }],
    },
    transform: jsonSchemaTransform,
    transformObject: jsonSchemaTransformObject,
  })
  countRequests(server, context.metrics)
  authentication(server, context)
  const api = typed(server)
  for (const route of ROUTES) await route(api, context)
  return server
}

function typed(server: FastifyInstance) {
  return server.withTypeProvider<ZodTypeProvider>()
}

import * as grpc from '@grpc/grpc-js'
import providerGrpc from '@pulumi/pulumi/proto/provider_grpc_pb.js'

/** A protobuf message class instance. */
export interface Message {
  serializeBinary(): Uint8Array
}

/** One call on its way to the provider. `forward` may be given another request than the one that came. */
export interface Passing<Request, Response> {
  provider: string
  /** The engine's connection: each has a Configure of its own. */
  connection: string
  request: Request
  /**
   * Fails as a broken connection does when the engine is gone by the time of the answer: it will never hear it. Fails
   * likewise when there is no answer within `patienceMs` milliseconds, two minutes when absent.
   */
  forward(request: Request, patienceMs?: number): Promise<Response>
}

export type Interceptor = (passing: Passing<Message, Message>) => Promise<Message>

export interface Relay {
  /** For `PULUMI_DEBUG_PROVIDERS`: `name:port,…`. */
  debugProviders: string
  close(): void
}

/** How long a provider may take for a call that says nothing else, milliseconds. */
const PATIENCE_MS = 120_000

/** Large programs travel in one message: the limit of Pulumi's own channels. */
const CHANNEL = {
  'grpc.max_receive_message_length': 400 * 1024 * 1024,
  'grpc.max_send_message_length': 400 * 1024 * 1024,
}

/**
 * A gRPC relay between the Pulumi engine and every provider of one run: one listener per provider name, one upstream
 * connection per connection of the engine, so that each keeps its own configuration and `Cancel` concerns it alone.
 * Calls with an interceptor are decoded and handed to it; all others pass as bytes.
 */
export async function openRelay(
  upstreams: Readonly<Record<string, string>>,
  interceptors: Readonly<Record<string, Interceptor>>,
  token: number,
): Promise<Relay> {
  const listeners = await Promise.all(
    Object.entries(upstreams).map(([provider, address]) => listen(provider, address, interceptors, token)),
  )
  return {
    debugProviders: listeners.map((l) => `${l.provider}:${l.port}`).join(','),
    close: () => {
      for (const listener of listeners) listener.close()
    },
  }
}

/** A connection to a provider, for calls of our own. */
export function connect(address: string): grpc.Client {
  return new grpc.Client(address, grpc.credentials.createInsecure(), {
    ...CHANNEL,
    // Without it two clients of one address share a connection, and one Configure would overwrite the other.
    'grpc.use_local_subchannel_pool': 1,
  })
}

/**
 * One unary call of a provider's service, by method name as in the protocol (`create`, `read`…). Fails when there is no
 * answer within `patienceMs` milliseconds.
 */
export async function callProvider<Response>(
  client: grpc.Client,
  method: string,
  request: Message,
  patienceMs = 60_000,
): Promise<Response> {
  const definition = methodOf(method)
  const bytes = Buffer.from(request.serializeBinary())
  const answer = await unary(client, definition.path, bytes, new grpc.Metadata(), { deadline: Date.now() + patienceMs })
  return definition.responseDeserialize(answer) as Response
}

async function listen(
  provider: string,
  address: string,
  interceptors: Readonly<Record<string, Interceptor>>,
  token: number,
) {
  // A provider of ours (the sandbox) can tell whose lease a call was made under.
  const metadata = new grpc.Metadata()
  metadata.set('pipi-token', String(token))
  const clients = new Map<string, grpc.Client>()
  const clientOf = (peer: string) => {
    const known = clients.get(peer)
    if (known !== undefined) return known
    const made = connect(address)
    clients.set(peer, made)
    return made
  }
  const server = new grpc.Server(CHANNEL)
  const service: Record<string, grpc.MethodDefinition<Buffer, Buffer>> = {}
  const handlers: grpc.UntypedServiceImplementation = {}
  for (const [name, definition] of Object.entries(methods())) {
    if (definition.requestStream || definition.responseStream) continue
    service[name] = { ...definition, ...RAW }
    const handler: grpc.handleUnaryCall<Buffer, Buffer> = (call, callback) => {
      const peer = call.getPeer()
      const interceptor = interceptors[name]
      const answer = async (): Promise<Buffer> => {
        const ask = (bytes: Buffer, patienceMs = PATIENCE_MS) =>
          unary(clientOf(peer), definition.path, bytes, metadata, { deadline: Date.now() + patienceMs })
        if (interceptor === undefined) return ask(call.request)
        const response = await interceptor({
          provider,
          connection: `${provider}@${peer}`,
          request: definition.requestDeserialize(call.request) as Message,
          forward: async (request, patienceMs) => {
            const answer = await ask(Buffer.from(request.serializeBinary()), patienceMs)
            if (call.cancelled) throw new EngineGone(name)
            return definition.responseDeserialize(answer) as Message
          },
        })
        return Buffer.from(response.serializeBinary())
      }
      answer().then(
        (bytes) => callback(null, bytes),
        (error: unknown) => callback(asStatus(error), null),
      )
    }
    handlers[name] = handler
  }
  server.addService(service, handlers)
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    )
  })
  return {
    provider,
    port,
    close: () => {
      server.forceShutdown()
      for (const client of clients.values()) client.close()
    },
  }
}

interface Method extends grpc.MethodDefinition<Message, Message> {}

const RAW = {
  requestSerialize: (bytes: Buffer) => bytes,
  requestDeserialize: (bytes: Buffer) => bytes,
  responseSerialize: (bytes: Buffer) => bytes,
  responseDeserialize: (bytes: Buffer) => bytes,
}

function methods(): Record<string, Method> {
  return providerGrpc.ResourceProviderService as unknown as Record<string, Method>
}

function methodOf(name: string): Method {
  const definition = methods()[name]
  if (definition === undefined) throw new Error(`the provider protocol has no method "${name}"`)
  return definition
}

function unary(
  client: grpc.Client,
  path: string,
  request: Buffer,
  metadata: grpc.Metadata,
  options: grpc.CallOptions = {},
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(
      path,
      RAW.requestSerialize,
      RAW.responseDeserialize,
      request,
      metadata,
      options,
      (error, response) => {
        if (error !== null) reject(error)
        else if (response === undefined) reject(new Error(`${path} gave no answer`))
        else resolve(response)
      },
    )
  })
}

/** The engine went away while the provider worked: what came of it is in no state. */
class EngineGone extends Error {
  readonly code = grpc.status.CANCELLED
  constructor(method: string) {
    super(`the Pulumi engine was gone before it could hear the answer to ${method}`)
    this.name = 'EngineGone'
  }
}

/** What upstream said passes unchanged, details and trailers included; our own refusals become a plain status. */
function asStatus(error: unknown): Partial<grpc.StatusObject> & { message?: string } {
  if (isServiceError(error)) return { code: error.code, details: error.details, metadata: error.metadata }
  return {
    code: grpc.status.FAILED_PRECONDITION,
    details: error instanceof Error ? error.message : String(error),
  }
}

function isServiceError(error: unknown): error is grpc.ServiceError {
  return error instanceof Error && 'code' in error && 'details' in error && 'metadata' in error
}

import * as grpc from '@grpc/grpc-js'

export interface LocalServer {
  /** `127.0.0.1:port`. */
  address: string
  close(): void
}

/** A gRPC server on a free loopback port, for one run. */
export async function serveLocal(
  services: { definition: grpc.ServiceDefinition; handlers: grpc.UntypedServiceImplementation }[],
): Promise<LocalServer> {
  const server = new grpc.Server({ 'grpc.max_receive_message_length': 400 * 1024 * 1024 })
  for (const { definition, handlers } of services) server.addService(definition, handlers)
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    )
  })
  return { address: `127.0.0.1:${port}`, close: () => server.forceShutdown() }
}

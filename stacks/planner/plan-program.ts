import type * as grpc from '@grpc/grpc-js'
import automation from '@pulumi/pulumi/automation/server.js'
import engineGrpc from '@pulumi/pulumi/proto/engine_grpc_pb.js'
import languageProto from '@pulumi/pulumi/proto/language_pb.js'
import resourceGrpc from '@pulumi/pulumi/proto/resource_grpc_pb.js'
import { PipiError } from '../../catalog/errors.ts'
import { serveLocal } from '../driver/grpc-server.ts'
import { listenAsEngine } from './engine.ts'
import { listenAsMonitor } from './monitor.ts'
import type { PlannedResource } from './planned.ts'

export interface PlanTarget {
  project: string
  stack: string
  program: () => Promise<unknown>
  /** Ids and outputs that the stack holds already, by URN: what is known of them is known to the program. */
  known?: ReadonlyMap<string, { id: string; outputs: Record<string, unknown> }>
}

/**
 * What a program wants, without a CLI: it is run as for a preview, against a resource monitor of ours that writes down
 * each registration and answers that nothing is known yet. Milliseconds instead of half a second, and no provider is
 * called. A resource that only appears inside an `apply` of an unknown value is not in the plan; the guard refuses it.
 */
export async function planProgram(target: PlanTarget): Promise<PlannedResource[]> {
  const planned: PlannedResource[] = []
  const messages: string[] = []
  const server = await serveLocal([
    {
      definition: resourceGrpc.ResourceMonitorService as unknown as grpc.ServiceDefinition,
      handlers: listenAsMonitor(target, planned),
    },
    { definition: engineGrpc.EngineService as unknown as grpc.ServiceDefinition, handlers: listenAsEngine(messages) },
  ])
  try {
    const error = await run(target, server.address)
    if (error !== undefined || messages.length > 0) {
      const text = [...messages, ...(error === undefined ? [] : [error])].join('\n')
      throw new PipiError('provider.failed', `the program failed before anything was planned: ${text}`, {
        hint: 'nothing was changed; mend the program and deploy again',
      })
    }
    return planned
  } finally {
    server.close()
  }
}

interface LanguageServer {
  run(
    call: { request: languageProto.RunRequest },
    callback: (error: Error | undefined, response?: languageProto.RunResponse) => void,
  ): void
}

function run(target: PlanTarget, address: string): Promise<string | undefined> {
  const request = new languageProto.RunRequest()
  request.setProject(target.project)
  request.setStack(target.stack)
  request.setOrganization('organization')
  request.setMonitorAddress(address)
  request.setArgsList([address])
  request.setDryrun(true)
  request.setParallel(16)
  const Server = (automation as { LanguageServer: new (program: () => Promise<unknown>) => LanguageServer })
    .LanguageServer
  return new Promise((resolve) => {
    // The server calls back twice after an error; the first one counts.
    new Server(target.program).run({ request }, (error, response) => {
      resolve(error?.message ?? (response?.getError() || undefined))
    })
  })
}

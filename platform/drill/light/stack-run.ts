import type * as grpc from '@grpc/grpc-js'
import providerProto from '@pulumi/pulumi/proto/provider_pb.js'
import resourceProto from '@pulumi/pulumi/proto/resource_pb.js'
import emptyProto from 'google-protobuf/google/protobuf/empty_pb.js'
import type { Guard } from '../../../stacks/guard/guard.ts'
import { interceptorsOf } from '../../../stacks/guard/intercept.ts'
import type { Message } from '../../../stacks/guard/relay.ts'
import { listenAsEngine } from '../../../stacks/planner/engine.ts'
import { listenAsMonitor } from '../../../stacks/planner/monitor.ts'
import { runProgram } from '../../../stacks/planner/run-program.ts'
import { isAtPlatform, nameOfUrn, urnOf } from '../../../stacks/wire/urn.ts'
import { fromStruct, toStruct, type Values } from '../../../stacks/wire/values.ts'
import type { Providers } from './providers.ts'
import type { HeldResource } from './states.ts'

export interface StackRun {
  project: string
  stack: string
  guard: Guard
  providers: Providers
  configuration: Values
  /** What the stack holds; kept true after every single operation. */
  held: HeldResource[]
}

/**
 * One run of a stack without the Pulumi CLI, for tens of thousands of them: what its engine does with each registration
 * (Check, Diff, Create, Update, Delete), every call through the guard's own interceptors and then over the wire to the
 * provider. Adoption, import, components of providers and parallel deletes it does not know.
 */
export async function up(run: StackRun, program: () => Promise<unknown>): Promise<void> {
  const { project, stack } = run
  const operations = operationsOf(run)
  const registered = new Set<string>()
  const condemned: HeldResource[] = []
  const failed = Promise.withResolvers<never>()
  const messages: string[] = []
  const registerResource: grpc.handleUnaryCall<
    resourceProto.RegisterResourceRequest,
    resourceProto.RegisterResourceResponse
  > = ({ request }, callback) => {
    const [type, custom] = [request.getType(), request.getCustom()]
    const urn = urnOf(run, request.getParent(), type, request.getName())
    const inputs = fromStruct(request.getObject())
    registered.add(urn)
    const answer = ({ id, outputs }: Pick<HeldResource, 'id' | 'outputs'>) => {
      const response = new resourceProto.RegisterResourceResponse()
      callback(null, response.setUrn(urn).setId(id).setObject(toStruct(outputs)))
    }
    if (!isAtPlatform({ custom, type })) return answer(noted(run.held, { urn, type, custom, id: '', inputs }))
    // After a failure nothing is answered any more: the program hangs and is left, as its engine would leave it.
    operations.register(urn, type, inputs, condemned).then(answer, failed.reject)
  }
  const registerResourceOutputs: grpc.handleUnaryCall<
    resourceProto.RegisterResourceOutputsRequest,
    emptyProto.Empty
  > = ({ request }, callback) => {
    const one = run.held.find((each) => each.urn === request.getUrn())
    if (one !== undefined) one.outputs = fromStruct(request.getOutputs())
    callback(null, new emptyProto.Empty())
  }
  const monitor = { ...listenAsMonitor({ project, stack, program }, []), registerResource, registerResourceOutputs }
  const running = runProgram({ project, stack, program, dryRun: false, monitor, engine: listenAsEngine(messages) })
  await Promise.race([running, failed.promise])
  if (messages.length > 0) throw new Error(messages.join('\n'))
  for (const old of condemned.toReversed()) await operations.remove(old)
  for (const gone of run.held.filter((each) => !registered.has(each.urn)).toReversed()) await operations.remove(gone)
}

/** Everything goes, the last made first. */
export async function destroy(run: StackRun): Promise<void> {
  const operations = operationsOf(run)
  for (const one of run.held.toReversed()) await operations.remove(one)
}

function operationsOf(run: StackRun) {
  const { guard, providers, configuration, held } = run
  const interceptors = interceptorsOf(guard, configuration)

  const pass = async <Response>(method: string, type: string, request: Message): Promise<Response> => {
    const provider = type.split(':')[0] ?? ''
    const forward = (passed: Message) => providers.call<Message>(provider, configuration, method, passed)
    const intercept = interceptors[method]
    if (intercept === undefined) throw new Error(`the guard has no say in "${method}"`)
    return (await intercept({ provider, connection: provider, request, forward })) as Response
  }

  const check = async (urn: string, type: string, news: Values, old: HeldResource | undefined): Promise<Values> => {
    const request = new providerProto.CheckRequest().setUrn(urn).setType(type).setName(nameOfUrn(urn))
    if (old !== undefined) request.setOlds(toStruct(old.inputs))
    const response = await pass<providerProto.CheckResponse>('check', type, request.setNews(toStruct(news)))
    const [failure] = response.getFailuresList()
    if (failure !== undefined) throw new Error(`${nameOfUrn(urn)}: ${failure.getProperty()}: ${failure.getReason()}`)
    return fromStruct(response.getInputs())
  }

  const create = async (urn: string, type: string, inputs: Values): Promise<HeldResource> => {
    const request = new providerProto.CreateRequest().setUrn(urn).setType(type).setName(nameOfUrn(urn))
    const response = await pass<providerProto.CreateResponse>('create', type, request.setProperties(toStruct(inputs)))
    const made = {
      urn,
      type,
      custom: true,
      id: response.getId(),
      inputs,
      outputs: fromStruct(response.getProperties()),
    }
    held.push(made)
    return made
  }

  const remove = async (one: HeldResource): Promise<void> => {
    if (isAtPlatform(one)) {
      const { urn, type, id, inputs, outputs } = one
      const request = new providerProto.DeleteRequest().setUrn(urn).setType(type).setName(nameOfUrn(urn)).setId(id)
      await pass('delete', type, request.setProperties(toStruct(outputs)).setOldInputs(toStruct(inputs)))
    }
    held.splice(held.indexOf(one), 1)
  }

  const change = async (old: HeldResource, inputs: Values, condemned: HeldResource[]): Promise<HeldResource> => {
    const { urn, type, id } = old
    const asked = new providerProto.DiffRequest().setUrn(urn).setType(type).setName(nameOfUrn(urn)).setId(id)
    asked.setOlds(toStruct(old.outputs)).setOldInputs(toStruct(old.inputs)).setNews(toStruct(inputs))
    const differs = await pass<providerProto.DiffResponse>('diff', type, asked)
    if (differs.getReplacesList().length > 0) {
      if (differs.getDeletebeforereplace()) await remove(old)
      else condemned.push(old)
      return create(urn, type, inputs)
    }
    if (differs.getChanges() !== providerProto.DiffResponse.DiffChanges.DIFF_SOME) return old
    const request = new providerProto.UpdateRequest().setUrn(urn).setType(type).setName(nameOfUrn(urn)).setId(id)
    request.setOlds(toStruct(old.outputs)).setOldInputs(toStruct(old.inputs)).setNews(toStruct(inputs))
    const response = await pass<providerProto.UpdateResponse>('update', type, request)
    return Object.assign(old, { inputs, outputs: fromStruct(response.getProperties()) })
  }

  return {
    async register(urn: string, type: string, news: Values, condemned: HeldResource[]): Promise<HeldResource> {
      const old = held.find((each) => each.urn === urn)
      const inputs = await check(urn, type, news, old)
      return old === undefined ? create(urn, type, inputs) : change(old, inputs, condemned)
    },
    remove,
  }
}

/** The stack itself and components: nothing of a platform, but outputs hang on them. */
function noted(held: HeldResource[], one: Omit<HeldResource, 'outputs'>): HeldResource {
  const known = held.find((each) => each.urn === one.urn)
  if (known !== undefined) return known
  const made = { ...one, outputs: one.inputs }
  held.push(made)
  return made
}

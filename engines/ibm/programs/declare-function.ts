import { createHash } from 'node:crypto'
import { type Input, output, secret } from '@pulumi/pulumi'
import { PipiError } from '../../../catalog/errors.ts'
import { usedEnvironment } from '../../contract/component.ts'
import type { ProgramContext, ProgramOutputs } from '../../contract/engine.ts'
import { sizeFor } from '../sizes.ts'
import { projectOf } from './project-of.ts'
import { CodeEngineFunction, Secret } from './resources.ts'

const RUNTIME = 'nodejs-24'
/** A page asks for some files at once: each in an instance of its own would start, and be charged, alone. */
const AT_ONCE = 10

/** One function in the workspace's project, open to everybody. */
export function declareFunction(
  context: Omit<ProgramContext<'function'>, 'component'> & { component: { name: string } },
  { memoryMb, timeoutS }: { memoryMb: number; timeoutS: number },
): ProgramOutputs {
  const { slug, artifact } = context
  const { name } = context.component
  if (artifact.travels !== 'file')
    throw new PipiError(
      'platform.internal',
      `expected a module for "${name}", got an artifact that travels as ${artifact.travels}`,
    )
  const project = projectOf(context)
  const environment = { ...context.environment, ...keysOf(context.uses) }
  const kept =
    Object.keys(environment).length === 0
      ? undefined
      : new Secret(`${name}-environment`, { project: project.id, name: slug, data: secret(environment) })
  const { url } = new CodeEngineFunction(`${name}-function`, {
    project: project.id,
    name: slug,
    runtime: RUNTIME,
    source: artifact.path,
    digest: artifact.digest,
    ...sizeFor(memoryMb),
    timeout: timeoutS,
    concurrency: AT_ONCE,
    scaleDownDelay: 1,
    visibility: 'public',
    ...(kept === undefined ? {} : { secret: kept.name, configuration: secret(digestOf(environment)) }),
  })
  return { url }
}

/** What a database gives to those that use it besides its address: `open-data` has its key in `OPEN_DATA_APIKEY`. */
function keysOf(uses: Record<string, ProgramOutputs>): Record<string, Input<string>> {
  return Object.fromEntries(
    Object.entries(uses).flatMap(([name, { apikey }]) =>
      apikey === undefined
        ? []
        : [[usedEnvironment(name).replace(/_URL$/, '_APIKEY'), secret(apikey as Input<string>)]],
    ),
  )
}

function digestOf(environment: Record<string, Input<string>>) {
  return output(environment).apply((known) =>
    createHash('sha256')
      .update(JSON.stringify(Object.entries(known).sort(([a], [b]) => (a < b ? -1 : 1))))
      .digest('hex'),
  )
}

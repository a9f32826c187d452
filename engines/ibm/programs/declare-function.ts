import { PipiError } from '../../../catalog/errors.ts'
import type { ProgramContext, ProgramOutputs } from '../../contract/engine.ts'
import { sizeFor } from '../sizes.ts'
import { environmentOf } from './environment-of.ts'
import { projectOf } from './project-of.ts'
import { CodeEngineFunction } from './resources.ts'

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
  const kept = environmentOf(context, project)
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
    ...(kept === undefined ? {} : { secret: kept.secret.name, configuration: kept.digest }),
  })
  return { url }
}

import { PipiError } from '../../../catalog/errors.ts'
import type { ComponentOf } from '../../contract/component.ts'
import type { Built, Made, ProgramModule } from '../../contract/engine.ts'
import { domainsOf } from './domains-of.ts'
import { packFolder } from './pack-folder.ts'
import { runProcess } from './run-process.ts'

/** A server in a process of its own: a Node module, or a jar. */
export default {
  kind: 'service',
  async pack(built, component) {
    startOf(component, built.made)
    return packFolder(built)
  },
  declare(context) {
    const { component, artifact } = context
    const start = startOf(component, artifact.travels === 'folder' ? artifact.made : undefined)
    return {
      url: runProcess(context, { ...start, health: component.health, ...domainsOf(component, context.surroundings) })
        .url,
    }
  },
} satisfies ProgramModule<'service'>

type Start = { runtime: 'node'; main: string } | { runtime: 'jvm'; main: string; pages?: string }

/** What is started, by the manifest and by what was built. Throws `build.failed` where no jar is known. */
function startOf({ name, runtime, main, jar }: ComponentOf<'service'>, made: Built['made']): Start {
  const built = made !== undefined && JAVA.has(made.runtime)
  if (runtime === 'node' && !built) return { runtime, main }
  const start = jar ?? made?.jar
  if (start !== undefined)
    return { runtime: 'jvm', main: start, ...(made?.runtime === 'boxlang' ? { pages: PAGES } : {}) }
  throw new PipiError(
    'build.failed',
    `component "${name}" runs on a JVM, and the build left no jar that can be started`,
    {
      hint: 'name the jar in "jar", or let the build leave exactly one with a Main-Class',
    },
  )
}

const JAVA: ReadonlySet<Made['runtime']> = new Set(['jar', 'war', 'boxlang'])
/** Where the build leaves pages for the MiniServer. */
const PAGES = 'webroot'

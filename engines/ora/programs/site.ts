import type { ProgramModule } from '../../contract/engine.ts'
import { packRelease } from '../machine/pack.ts'
import { place } from '../machine/place.ts'

/** Static files, answered on the workspace's machine: buckets have no website of their own here. */
export default { kind: 'site', pack: packRelease, declare: place } satisfies ProgramModule<'site'>

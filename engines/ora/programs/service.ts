import type { ProgramModule } from '../../contract/engine.ts'
import { packRelease } from '../machine/pack.ts'
import { place } from '../machine/place.ts'

/** A Node server or a JVM, kept running on the workspace's machine. */
export default { kind: 'service', pack: packRelease, declare: place } satisfies ProgramModule<'service'>

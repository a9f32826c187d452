import type { ProgramModule } from '../../contract/engine.ts'
import { packRelease } from '../machine/pack.ts'
import { place } from '../machine/place.ts'

/** A program that the machine's agent starts at its times. */
export default { kind: 'job', pack: packRelease, declare: place } satisfies ProgramModule<'job'>

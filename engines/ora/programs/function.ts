import type { ProgramModule } from '../../contract/engine.ts'
import { packRelease } from '../machine/pack.ts'
import { place } from '../machine/place.ts'

/** A function behind a server of ours on the workspace's machine: Functions have no free part here. */
export default { kind: 'function', pack: packRelease, declare: place } satisfies ProgramModule<'function'>

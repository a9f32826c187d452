import type { ProgramModule } from '../../contract/engine.ts'
import { packContainer } from '../machine/pack-container.ts'
import { place } from '../machine/place.ts'

/** An image, unpacked and kept running on the workspace's machine by its agent: nothing there runs containers. */
export default { kind: 'container', pack: packContainer, declare: place } satisfies ProgramModule<'container'>

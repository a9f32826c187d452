import type { ComponentOf } from '../../contract/component.ts'
import type { Artifact, Built, Packing } from '../../contract/engine.ts'

export type Architecture = 'amd64' | 'arm64'

/**
 * What a container component is sent as: its base image and one layer with what was built, in `/app`. The same base,
 * files and command give the same digest. Throws `build.failed`, or `source.unreachable` where the base's registry does not answer.
 */
export async function packImage(
  _built: Built,
  _component: Pick<ComponentOf<'container'>, 'name' | 'base' | 'command'>,
  _folder: string,
  _packing?: Packing,
  _architecture: Architecture = 'amd64',
): Promise<Extract<Artifact, { travels: 'image' }>> {
  throw new Error('being written')
}

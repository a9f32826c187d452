import { PipiError } from '../../catalog/errors.ts'
import type { BuiltComponent } from '../contract/component.ts'
import type { Artifact, Built, Engine, Packing } from '../contract/engine.ts'

/** What was built, as its carrier on this engine sends it. `folder` is for files that are made for it. */
export async function packComponent(
  engine: Pick<Engine, 'dna' | 'programs'>,
  built: Built,
  component: BuiltComponent,
  folder: string,
  packing?: Packing,
): Promise<Artifact> {
  const pack = engine.programs[component.kind]?.pack
  if (pack !== undefined) return pack(built, component as never, folder, packing)
  throw new PipiError('platform.internal', `${engine.dna.name} has nothing that packs a ${component.kind}`)
}

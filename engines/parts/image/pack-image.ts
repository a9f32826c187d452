import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { PipiError } from '../../../catalog/errors.ts'
import type { ComponentOf } from '../../contract/component.ts'
import type { Artifact, Built, Packing } from '../../contract/engine.ts'
import { listFiles } from '../build/digest.ts'
import { asOci } from './choose-manifest.ts'
import { type Layout, openLayout } from './layout.ts'
import { IMAGE_BYTES, type OciConfig } from './oci.ts'
import { pullBase } from './pull-base.ts'
import { writeLayer } from './write-layer.ts'
import { beginLayout, borrowBlob, closeLayout } from './write-layout.ts'

export type Architecture = 'amd64' | 'arm64'

/** Where the layer of ours puts what was built. */
const HOME = 'app'
/** Who it is where the base image names nobody: no user of any system, so that nobody runs as root by accident. */
const NOBODY = '65532'
/** Of everything that an image dates: the same input has the same digest. */
const DATE = '1970-01-01T00:00:00Z'

/**
 * What a container component is sent as: its base image and one layer with what was built, in `/app`. The same base,
 * files and command give the same digest; nothing of the environment, no secret and no port is in it. Throws
 * `build.failed`, or `source.unreachable` where the base's registry does not answer.
 */
export async function packImage(
  built: Built,
  component: Pick<ComponentOf<'container'>, 'name' | 'base' | 'command'>,
  folder: string,
  packing?: Packing,
  architecture: Architecture = 'amd64',
): Promise<Extract<Artifact, { travels: 'image' }>> {
  const signal = packing?.signal ?? new AbortController().signal
  const base = await pullBase({
    reference: component.base,
    architecture,
    store: packing?.artifacts ?? folder,
    dockerConfig: packing?.dockerConfig,
    signal,
    log: (line) => packing?.log?.(line),
  })
  const path = join(folder, 'image')
  await rm(path, { recursive: true, force: true })
  await beginLayout(path)
  for (const { digest, path: file } of base.layers) await borrowBlob(path, digest, file)
  const { descriptor, diffId } = await writeLayer(path, await listFiles(built.path), HOME, signal)
  await closeLayout(
    path,
    configOf(base, component, diffId),
    [...base.layers.map((layer) => asOci(layer)), descriptor],
    {
      'org.opencontainers.image.base.name': component.base.split('@')[0] ?? '',
      'org.opencontainers.image.base.digest': component.base.split('@')[1] ?? '',
    },
  )
  const layout = await openLayout(path)
  if (layout.bytes > IMAGE_BYTES) {
    throw new PipiError(
      'build.failed',
      `The image of ${component.name} has ${Math.round(layout.bytes / 1024 ** 2)} MiB, at most ${IMAGE_BYTES / 1024 ** 2}`,
      { hint: 'Take a smaller base image, and keep caches out of the result.' },
    )
  }
  return { travels: 'image', path, digest: layout.manifest.digest.slice('sha256:'.length), bytes: layout.bytes }
}

function configOf(
  { config: base }: Layout,
  { name, command }: Pick<ComponentOf<'container'>, 'name' | 'command'>,
  diffId: string,
): OciConfig {
  const { Entrypoint, Cmd, ...rest } = base.config ?? {}
  const start = command.length > 0 ? { Cmd: command } : { ...listed('Entrypoint', Entrypoint), ...listed('Cmd', Cmd) }
  if (Object.keys(start).length === 0) {
    throw new PipiError('build.failed', `The base image of ${name} says nothing of what is to be run`, {
      hint: 'Name it as "command" in the manifest, e.g. ["node", "server.js"].',
    })
  }
  return {
    ...base,
    created: DATE,
    config: { ...rest, ...start, WorkingDir: `/${HOME}`, User: rest.User || NOBODY },
    rootfs: { ...base.rootfs, diff_ids: [...base.rootfs.diff_ids, diffId] },
    history: [
      ...(base.history ?? []),
      { created: DATE, created_by: 'pipi-engines', comment: `what was built, in /${HOME}` },
    ],
  }
}

function listed(key: string, words: string[] | null | undefined): Record<string, string[]> {
  return words && words.length > 0 ? { [key]: words } : {}
}

import { z } from 'zod'
import type { ConfiguredProvider, TypeScriptProvider, Values } from '../../../stacks/contract/provider.ts'
import { changedProperties } from '../../../stacks/provider/changes.ts'
import { checkBy } from '../../../stacks/provider/check-by.ts'
import { hasUnknown, plain, UNKNOWN } from '../../../stacks/wire/values.ts'
import { openLayout } from '../image/layout.ts'
import { bytesOf, manifestSchema } from '../image/oci.ts'
import { type Login, openRegistry, type Registry, type Send } from './client.ts'
import { registryError } from './failure.ts'
import { parseReference } from './reference.ts'

export interface ImageProviderOptions {
  /** Pulumi's name of the provider, e.g. `own`. */
  name: string
  /** Its one resource type, e.g. `own:registry:Image`. */
  type: string
  /** From the provider's configuration, asked before each operation; undefined: nobody's. */
  login(variables: Record<string, unknown>): Promise<Login | undefined>
  /**
   * What one operation may take, milliseconds. Shorter than the type's deadline in `engine.yaml`: what the guard has
   * given up may not be at work any more, as it would leave an image that nobody holds.
   */
  withinMs: number
  /** Of a simulated platform: where the host of this repository is played, e.g. `<api>/_/<host>`. */
  base?(repository: string): string
  send?: Send
  pauseMs?: number
}

export const imageInputs = z.strictObject({
  /** `host/path`: of this image alone, since taking an old one away must not take that of another. */
  repository: z
    .string()
    .max(500)
    .regex(/^[a-z0-9.-]+(:\d{1,5})?(\/[a-z0-9]+([._-]+[a-z0-9]+)*)+$/, 'host/path'),
  /** Of the manifest: sha256, hex. */
  digest: z.string().regex(/^[0-9a-f]{64}$/, 'a sha256 in hex'),
  /** What the registry keeps of it. */
  bytes: z.int().positive(),
  /** The folder of its layout on this machine. */
  layout: z.string().min(1),
})

/**
 * A provider with one resource type: an image in a registry. Inputs: `repository` (`host/path`), `digest` (of the
 * manifest, hex), `bytes` (what the registry keeps of it), `layout` (its folder on this machine, no change by itself).
 * Outputs: the same and `reference` (`host/path@sha256:<hex>`), which is the id.
 */
export function imageProvider(options: ImageProviderOptions): TypeScriptProvider {
  return {
    name: options.name,
    version: '0.1.0',
    async configure(variables) {
      const stopping = new AbortController()
      const at: AtRegistry = async (repository, urn, work) => {
        const { base, name } = parseReference(repository)
        const { send, pauseMs, withinMs } = options
        const late = AbortSignal.timeout(withinMs)
        try {
          const registry = openRegistry({
            base: options.base?.(repository) ?? base,
            login: await options.login(variables),
            signal: AbortSignal.any([stopping.signal, late]),
            headers: { 'x-correlation-id': urn },
            ...(send === undefined ? {} : { send }),
            ...(pauseMs === undefined ? {} : { pauseMs }),
          })
          return await work(registry, name)
        } catch (error) {
          if (!late.aborted) throw error
          throw registryError(`${repository}: not done within ${withinMs / 1000} s, given up`, 0, undefined, error)
        }
      }
      return { ...configured(options, at), cancel: () => stopping.abort() }
    },
  }
}

/** Does one thing at a repository's registry, in the time that there is for it. */
type AtRegistry = <T>(
  repository: string,
  urn: string,
  work: (registry: Registry, name: string) => Promise<T>,
) => Promise<T>

function configured({ name: provider, type: known }: ImageProviderOptions, at: AtRegistry): ConfiguredProvider {
  // What this run means to have. An older resource of the same image may still be waiting for its removal (deployed,
  // then another one, then the first again, with a crash between): the image that is wanted stays.
  const wanted = new Set<string>()
  const requireType = (type: string) => {
    if (type !== known) throw new Error(`${provider} has no ${type}, only ${known}`)
  }
  return {
    async check(type, inputs) {
      requireType(type)
      const reference = referenceOf(inputs)
      if (reference !== undefined) wanted.add(reference)
      return checkBy(imageInputs, inputs)
    },
    async diff(type, _id, old, now) {
      requireType(type)
      const all = changedProperties(old, now)
      // The same image may lie in another place.
      const changed = all.includes('digest') ? all : all.filter((property) => property !== 'layout')
      const replaces = changed.filter((property) => property === 'digest' || property === 'repository')
      return { changes: changed.length > 0, replaces, deleteBeforeReplace: false }
    },
    async create(type, inputs, urn, preview) {
      requireType(type)
      const outputs = { ...inputs, reference: referenceOf(inputs) ?? UNKNOWN }
      if (preview) return { id: '', outputs }
      const { repository, digest, bytes, layout: folder } = imageInputs.parse(plain(inputs))
      const layout = await openLayout(folder)
      if (layout.manifest.digest !== `sha256:${digest}` || layout.bytes !== bytes) {
        const got = `${layout.manifest.digest.slice(7)} of ${layout.bytes} bytes`
        throw registryError(`${folder} should hold the image ${digest} of ${bytes} bytes, and holds ${got}`, 400)
      }
      await at(repository, urn, (registry, name) => registry.push(name, layout))
      wanted.add(`${repository}@sha256:${digest}`)
      return { id: `${repository}@sha256:${digest}`, outputs }
    },
    async read(type, id, urn, inputs, state) {
      requireType(type)
      const [repository = '', named = ''] = id.split('@')
      const found = await at(repository, urn, (registry, name) => registry.manifest(name, named))
      if (found === undefined) return undefined
      const manifest = manifestSchema.parse(JSON.parse(found.bytes.toString('utf8')))
      const layout = plain(inputs ?? {}).layout ?? plain(state ?? {}).layout ?? ''
      const shown = {
        ...{ repository, digest: found.digest.slice(7), bytes: bytesOf(manifest, found.bytes.length) },
        layout,
      }
      const reference = `${repository}@${found.digest}`
      return { id: reference, inputs: shown, outputs: { ...shown, reference } }
    },
    async update(type, id, _old, now) {
      requireType(type)
      return { outputs: { ...now, reference: id } }
    },
    async delete(type, id, _outputs, urn) {
      requireType(type)
      if (wanted.has(id)) return
      const [repository = '', digest = ''] = id.split('@')
      if (await at(repository, urn, (registry, name) => registry.remove(name, digest))) return
      // What goes on taking room must go on being held.
      throw registryError(
        `The registry lets no image be deleted: ${id} stays there`,
        405,
        'Allow deletion there, or remove it by hand and refresh.',
      )
    },
    invoke: async (token) => {
      throw new Error(`${provider} has no data source ${token}`)
    },
  }
}

function referenceOf(inputs: Values): string | undefined {
  const { repository, digest } = inputs
  if (hasUnknown(repository) || hasUnknown(digest)) return undefined
  const known = plain({ repository, digest })
  return `${known.repository}@sha256:${known.digest}`
}

import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import { componentSchema, isBuilt } from '../../engines/contract/component.ts'
import { madeSchema } from '../../engines/contract/engine.ts'
import type { StackState } from '../../stacks/state/read.ts'
import type { Carriage } from './carriage.ts'

const text = z.string()
const recordSchema = z.array(
  z.object({
    component: componentSchema,
    built: z.object({
      path: text,
      digest: text,
      git: z.object({ url: text, ref: text, commit: text, path: text }).optional(),
      made: madeSchema.optional(),
    }),
    artifact: z.discriminatedUnion('travels', [
      z.object({ travels: z.literal('file'), path: text, digest: text }),
      z.object({ travels: z.literal('folder'), path: text, digest: text, made: madeSchema.optional() }),
      z.object({
        ...{ travels: z.literal('image'), path: text, digest: text, bytes: z.number() },
        unpacked: z.number().optional(),
      }),
      z.object({ travels: z.literal('git'), url: text, ref: text, commit: text, path: text }),
    ]),
  }),
)

/** Writes down beside the artifacts which of them a workspace runs now, so that it can stand still without its source. */
export async function rememberLive({ birth, order, built }: Carriage): Promise<void> {
  const file = fileOf(birth.artifacts, order.workspace.id)
  const record = order.manifest.components.flatMap((component) => {
    const ready = built.get(component.name)
    return ready === undefined ? [] : [{ component, ...ready }]
  })
  await mkdir(join(birth.artifacts, 'live'), { recursive: true })
  const temporary = `${file}.${order.token}`
  await writeFile(temporary, JSON.stringify(record))
  await rename(temporary, file)
}

/**
 * The artifacts that a workspace runs, where this host has all of them: as the state says, since another host may have
 * deployed meanwhile. Undefined: they have to be built again.
 */
export async function recallLive(
  { birth, order }: Carriage,
  state: StackState,
): Promise<Carriage['built'] | undefined> {
  const kept = await readFile(fileOf(birth.artifacts, order.workspace.id), 'utf8').catch(() => undefined)
  if (kept === undefined) return undefined
  const record = recordSchema.safeParse(parsed(kept))
  if (!record.success) return undefined
  const held = JSON.stringify(state.resources.map(({ inputs }) => inputs))
  const found: Carriage['built'] = new Map()
  for (const component of order.manifest.components.filter(isBuilt)) {
    const ready = record.data.find((each) => isDeepStrictEqual(each.component, component))
    if (ready === undefined) return undefined
    const { artifact } = ready
    const bytes = artifact.travels === 'git' ? artifact.commit : artifact.digest
    if (!held.includes(bytes) || (artifact.travels !== 'git' && !existsSync(artifact.path))) return undefined
    const { git, made, ...built } = ready.built
    const told = { ...(git === undefined ? {} : { git }), ...(made === undefined ? {} : { made }) }
    found.set(component.name, { artifact, built: { ...built, ...told } })
  }
  return found
}

function fileOf(artifacts: string, workspace: string): string {
  return join(artifacts, 'live', `${workspace}.json`)
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}

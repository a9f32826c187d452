import { z } from 'zod'
import { PipiError } from '../../../catalog/errors.ts'
import { isRunning } from '../../../engines/contract/component.ts'
import { environmentNameSchema, nameSchema } from '../../../engines/contract/words.ts'
import { isGuardRails } from '../../commander/secure.ts'
import { getWorkspace } from '../../store/list-workspaces.ts'
import { listSecrets } from '../../store/secrets.ts'
import { removeSecret } from '../../store/set-secret.ts'
import { whatStands } from '../../store/what-stands.ts'
import { callerOf } from '../authenticate.ts'
import { problemResponse } from '../schemas.ts'
import type { Routes } from './index.ts'

const secretSchema = z
  .object({
    name: z.string(),
    setAt: z.string(),
    setBy: z.string().meta({ description: 'Id of the token that set it' }),
    neededBy: z.array(z.string()).meta({ description: 'Components of what stands that name it' }),
  })
  .meta({ id: 'Secret' })

const placeSchema = z.object({ name: nameSchema, secret: environmentNameSchema })
/** Bytes of a value: what a variable of the environment takes at every platform, with room for a key in PEM. */
const MOST_BYTES = 16 * 1024

/** Values go in and never come out: a workspace's secrets by name. */
export const secretRoutes: Routes = (api, context) => {
  api.get(
    '/v1/workspaces/:name/secrets',
    {
      config: { access: 'viewer' },
      schema: {
        summary: "A workspace's secrets: names, since when, by whom; never a value",
        params: placeSchema.pick({ name: true }),
        response: { 200: z.object({ items: z.array(secretSchema) }), default: problemResponse },
      },
    },
    async (request) => {
      const { account } = callerOf(request)
      const { name } = request.params
      const workspace = await getWorkspace(context.db, account, name)
      if (!workspace) throw new PipiError('not-found', `there is no workspace "${name}"`, { hint: 'see ./pipi list' })
      const needed = await needs(account, name)
      return {
        items: (await listSecrets(context.db, workspace.id)).map((one) => ({ ...one, neededBy: needed(one.name) })),
      }
    },
  )

  api.put(
    '/v1/workspaces/:name/secrets/:secret',
    {
      config: { access: 'deployer' },
      schema: {
        summary: 'Set a secret; it holds from the next deployment on',
        description: 'Kept sealed. A workspace that is not there yet begins with its secrets.',
        params: placeSchema,
        body: z.strictObject({ value: z.string().min(1).max(MOST_BYTES) }),
        response: { 200: secretSchema, default: problemResponse },
      },
    },
    async (request) => {
      const { account, token } = callerOf(request)
      const { name, secret } = request.params
      const { value } = request.body
      if (isGuardRails(name)) throw new PipiError('name.taken', `the name "${name}" is kept for guard rails`)
      if (Buffer.byteLength(value) > MOST_BYTES || value.includes('\0')) {
        throw new PipiError('input.invalid', `a secret is at most ${MOST_BYTES} bytes of text, without NUL`, {
          hint: 'keep what is larger in a store',
        })
      }
      const set = await context.setSecret({ account, workspace: name, name: secret, value, by: token })
      return { ...set, neededBy: (await needs(account, name))(secret) }
    },
  )

  api.delete(
    '/v1/workspaces/:name/secrets/:secret',
    {
      config: { access: 'deployer' },
      schema: {
        summary: 'Take a secret away; what runs keeps it until the next deployment',
        params: placeSchema,
        response: { 204: z.null(), default: problemResponse },
      },
    },
    async (request, reply) => {
      const { account, token } = callerOf(request)
      const { name, secret } = request.params
      await removeSecret(context.db, { account, workspace: name, name: secret, by: token })
      return reply.code(204).send(null)
    },
  )

  async function needs(account: string, name: string): Promise<(secret: string) => string[]> {
    const workspace = await getWorkspace(context.db, account, name)
    const standing = workspace && (await whatStands(context.db, workspace.id))
    return (secret) =>
      (standing?.manifest.components ?? [])
        .filter((component) => isRunning(component) && component.secrets?.includes(secret))
        .map((component) => component.name)
  }
}

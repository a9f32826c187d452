import { z } from 'zod'
import { PipiError } from '../../../catalog/errors.ts'
import { environmentNameSchema, nameSchema } from '../../../engines/contract/words.ts'
import { isGuardRails } from '../../commander/secure.ts'
import { shownConfig } from '../../commander/shown-config.ts'
import { deployedConfig, listConfig, setConfig, unsetConfig } from '../../store/config.ts'
import { getRequest } from '../../store/get-deployment.ts'
import { getWorkspace } from '../../store/list-workspaces.ts'
import { whatStands } from '../../store/what-stands.ts'
import { ALL } from '../../store/with-config.ts'
import { callerOf } from '../authenticate.ts'
import { problemResponse } from '../schemas.ts'
import type { Routes } from './index.ts'

const shownSchema = z
  .object({
    component: z.string().meta({ description: '`*` where nothing was deployed yet and it is for all' }),
    name: z.string(),
    value: z.string().optional().meta({ description: 'With the next deployment; missing: it is there no more' }),
    from: z
      .enum(['manifest', 'workspace', 'component'])
      .optional()
      .meta({ description: 'Where it comes from; what was set wins over the manifest' }),
    setAt: z.string().optional(),
    setBy: z.string().optional().meta({ description: 'Id of the token that set it' }),
    deployed: z.string().optional().meta({ description: 'What it runs with now' }),
  })
  .meta({ id: 'ConfigValue' })

const placeSchema = z.object({ name: nameSchema, key: environmentNameSchema })
const componentSchema = nameSchema.optional().meta({ description: 'Of one component; left out: of all' })

/** What a workspace is configured with beside its manifest, in clear: what is secret is a secret. */
export const configRoutes: Routes = (api, context) => {
  api.get(
    '/v1/workspaces/:name/config',
    {
      config: { access: 'viewer' },
      schema: {
        summary: "A workspace's configuration: what its next deployment has, where each value is from, what runs now",
        params: placeSchema.pick({ name: true }),
        response: { 200: z.object({ items: z.array(shownSchema) }), default: problemResponse },
      },
    },
    async (request) => {
      const { name } = request.params
      const workspace = await getWorkspace(context.db, callerOf(request).account, name)
      if (!workspace) throw new PipiError('not-found', `there is no workspace "${name}"`, { hint: 'see ./pipi list' })
      const [set, stands, config, last] = await Promise.all([
        listConfig(context.db, workspace.id),
        whatStands(context.db, workspace.id),
        deployedConfig(context.db, workspace.id),
        workspace.last && getRequest(context.db, workspace.last.id),
      ])
      const standing = stands && { manifest: stands.manifest, config: config ?? {} }
      return { items: shownConfig(set, last?.manifest ?? stands?.manifest, standing) }
    },
  )

  api.put(
    '/v1/workspaces/:name/config/:key',
    {
      config: { access: 'deployer' },
      schema: {
        summary: 'Set a value; it holds from the next deployment on, in place of what the manifest says',
        description: 'Not for secrets. A workspace that is not there yet begins with its configuration.',
        params: placeSchema,
        body: z.strictObject({ value: z.string().max(4096), component: componentSchema }),
        response: { 200: shownSchema, default: problemResponse },
      },
    },
    async (request) => {
      const { account, token } = callerOf(request)
      const { name, key } = request.params
      const { value, component = ALL } = request.body
      if (isGuardRails(name)) throw new PipiError('name.taken', `the name "${name}" is kept for guard rails`)
      if (value.includes('\0')) {
        throw new PipiError('input.invalid', 'a value is text without NUL', { hint: 'no environment can hold it' })
      }
      const set = await setConfig(context.db, { account, workspace: name, component, name: key, value, by: token })
      return { ...set, from: component === ALL ? ('workspace' as const) : ('component' as const) }
    },
  )

  api.delete(
    '/v1/workspaces/:name/config/:key',
    {
      config: { access: 'deployer' },
      schema: {
        summary: 'Take a value back; from the next deployment on it is what the manifest says',
        params: placeSchema,
        querystring: z.object({ component: componentSchema }),
        response: { 204: z.null(), default: problemResponse },
      },
    },
    async (request, reply) => {
      const { account, token } = callerOf(request)
      const { name, key } = request.params
      const { component = ALL } = request.query
      await unsetConfig(context.db, { account, workspace: name, component, name: key, by: token })
      return reply.code(204).send(null)
    },
  )
}

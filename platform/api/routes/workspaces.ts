import { z } from 'zod'
import { PipiError } from '../../../catalog/errors.ts'
import { nameSchema } from '../../../engines/contract/words.ts'
import { dnsAnswerSchema, dnsAnswers } from '../../commander/dns-answers.ts'
import { dnsRecordSchema, dnsRecords } from '../../commander/dns-records.ts'
import { healthOf, healthSchema } from '../../store/health.ts'
import { getWorkspace, listWorkspaces, workspaceSchema as storedSchema } from '../../store/list-workspaces.ts'
import { releaseSchema as keptReleaseSchema, listReleases } from '../../store/releases.ts'
import { whatStands } from '../../store/what-stands.ts'
import { callerOf } from '../authenticate.ts'
import { pageQuerySchema, pageSchema, toPage } from '../page.ts'
import { problemResponse } from '../schemas.ts'
import type { Routes } from './index.ts'

const workspaceSchema = storedSchema
  .extend({ live: z.boolean().meta({ description: 'Something of it stands at its platform' }) })
  .meta({ id: 'Workspace' })

const wholeSchema = workspaceSchema
  .extend({
    dns: z.array(dnsRecordSchema).meta({ description: 'What to set in the DNS so that its domains lead here' }),
    health: z.array(healthSchema).meta({ description: 'Whether what is reachable answers; empty: nobody looks' }),
  })
  .meta({ id: 'WholeWorkspace' })

const releaseSchema = keptReleaseSchema.meta({ id: 'Release' })

export const workspaceRoutes: Routes = (api, context) => {
  api.get(
    '/v1/workspaces',
    {
      config: { access: 'viewer' },
      schema: {
        summary: 'Workspaces and where they run',
        querystring: pageQuerySchema,
        response: { 200: pageSchema(workspaceSchema), default: problemResponse },
      },
    },
    async (request) =>
      toPage(await listWorkspaces(context.db, { account: callerOf(request).account, ...request.query })),
  )

  api.get(
    '/v1/workspaces/:name',
    {
      config: { access: 'viewer' },
      schema: {
        summary: 'One workspace',
        params: z.object({ name: nameSchema }),
        response: { 200: wholeSchema, default: problemResponse },
      },
    },
    async (request) => {
      const workspace = await getWorkspace(context.db, callerOf(request).account, request.params.name)
      if (!workspace)
        throw new PipiError('not-found', `there is no workspace "${request.params.name}"`, {
          hint: 'GET /v1/workspaces lists them',
        })
      const [health, stands] = await Promise.all([
        healthOf(context.db, workspace.id),
        whatStands(context.db, workspace.id),
      ])
      return { ...workspace, health, dns: dnsRecords(stands?.manifest.components ?? [], workspace.outputs) }
    },
  )

  api.get(
    '/v1/workspaces/:name/domains',
    {
      config: { access: 'viewer' },
      schema: {
        summary: 'What to set in the DNS so that its domains lead here, and whether it answers so now',
        params: z.object({ name: nameSchema }),
        response: { 200: z.object({ items: z.array(dnsAnswerSchema) }), default: problemResponse },
      },
    },
    async (request) => {
      const { name } = request.params
      const workspace = await getWorkspace(context.db, callerOf(request).account, name)
      if (!workspace)
        throw new PipiError('not-found', `there is no workspace "${name}"`, { hint: 'GET /v1/workspaces lists them' })
      const stands = await whatStands(context.db, workspace.id)
      const records = dnsRecords(stands?.manifest.components ?? [], workspace.outputs)
      return { items: await dnsAnswers(records, context.dns) }
    },
  )

  api.get(
    '/v1/workspaces/:name/history',
    {
      config: { access: 'viewer' },
      schema: {
        summary: 'What it was made of, by number, newest first: what a rollback can go back to',
        params: z.object({ name: nameSchema }),
        querystring: z.object({ limit: z.coerce.number().int().min(1).max(200).default(20) }),
        response: { 200: z.object({ items: z.array(releaseSchema) }), default: problemResponse },
      },
    },
    async (request) => {
      const { name } = request.params
      const workspace = await getWorkspace(context.db, callerOf(request).account, name)
      if (!workspace)
        throw new PipiError('not-found', `there is no workspace "${name}"`, { hint: 'GET /v1/workspaces lists them' })
      return { items: await listReleases(context.db, workspace.id, request.query.limit) }
    },
  )
}

import { z } from 'zod'
import { ttlSchema } from '../../engines/contract/manifest.ts'
import { insidePathSchema, nameSchema, refSchema } from '../../engines/contract/words.ts'

const engineSchema = z.string().regex(/^([a-z]{3}|auto)$/, 'a three-letter engine code, or "auto"')
const regionSchema = z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'a region of the engine')

/** The source as a client names it, instead of the manifest's own. */
const givenSourceSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('git'),
    url: z.string().min(1).max(500),
    ref: refSchema.optional(),
    path: insidePathSchema.optional(),
  }),
  z.strictObject({
    kind: z.literal('upload'),
    digest: z.string().regex(/^[0-9a-f]{64}$/, 'the sha256 under which it was sent'),
  }),
])

const BY_NAME: ReadonlySet<string> = new Set(['destroy', 'refresh', 'rollback'])

/** Body of `POST /v1/deployments`: a manifest, or the name of a workspace that exists. */
export const intakeRequestSchema = z
  .strictObject({
    kind: z.enum(['deploy', 'preview', 'refresh', 'rollback', 'destroy']),
    manifest: z.string().min(1).max(100_000).optional().meta({ description: 'workspace.yaml as text' }),
    file: z.string().max(300).optional().meta({ description: 'Its name, for the places of problems' }),
    workspace: nameSchema.optional().meta({ description: 'Name of a workspace, instead of a manifest' }),
    source: givenSourceSchema.optional(),
    engine: engineSchema.optional(),
    region: regionSchema.optional(),
    ttl: ttlSchema
      .optional()
      .meta({ description: "Instead of the manifest's: 90m, 36h, 14d; then it is destroyed by itself" }),
    asItStands: z
      .boolean()
      .optional()
      .meta({ description: 'With the name of a workspace: the commit that stands, not the newest' }),
    repair: z
      .boolean()
      .optional()
      .meta({ description: 'A refresh sets back what it finds, whatever the manifest says' }),
    to: z
      .int()
      .positive()
      .optional()
      .meta({ description: 'A rollback: the number of the deployment that is wanted again; left out: the one before' }),
    deleteData: z.boolean().optional().meta({ description: "Users' data may be lost" }),
  })
  .refine((body) => (body.manifest === undefined) !== (body.workspace === undefined), {
    message: 'give either a manifest or the name of a workspace',
    path: ['manifest'],
  })
  .refine((body) => !BY_NAME.has(body.kind) || body.workspace !== undefined, {
    message: 'this goes by the name of a workspace',
    path: ['workspace'],
  })
  .refine((body) => body.repair !== true || body.kind === 'refresh', {
    message: 'only a refresh finds what is to be set back',
    path: ['repair'],
  })
  .refine((body) => body.to === undefined || body.kind === 'rollback', {
    message: 'only a rollback goes back to a deployment',
    path: ['to'],
  })
  .refine((body) => body.kind !== 'rollback' || (body.source ?? body.engine ?? body.region) === undefined, {
    message: 'a rollback takes all of it from the deployment it goes back to',
    path: ['kind'],
  })
  .refine((body) => body.deleteData !== true || body.kind === 'deploy' || body.kind === 'destroy', {
    message: "only a deploy or a destroy may lose users' data",
    path: ['deleteData'],
  })
  .refine((body) => body.asItStands !== true || (body.kind === 'deploy' && body.workspace !== undefined), {
    message: 'this goes with the deploy of a workspace by its name',
    path: ['asItStands'],
  })
  .refine((body) => body.ttl === undefined || body.kind === 'deploy' || body.kind === 'preview', {
    message: 'only what is deployed has an end',
    path: ['ttl'],
  })
  .meta({ id: 'DeploymentRequest' })

export type IntakeRequestBody = z.output<typeof intakeRequestSchema>

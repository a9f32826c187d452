import { z } from 'zod'
import { loadCatalog, loadPlatform } from '../../../catalog/load.ts'
import { problemResponse } from '../schemas.ts'
import type { Routes } from './index.ts'

const platformSchema = z
  .looseObject({ code: z.string(), name: z.string(), checked: z.string() })
  .meta({ id: 'CatalogPlatform' })

export const catalogRoutes: Routes = (api, context) => {
  api.get(
    '/v1/catalog',
    {
      config: { access: 'viewer' },
      schema: {
        summary: 'Platforms of the catalogue',
        response: { 200: z.object({ items: z.array(platformSchema) }), default: problemResponse },
      },
    },
    async () => ({
      items: [...(await loadCatalog(context.catalogFolder)).values()].map(
        ({ code, name, checked, goodForDays, services }) => ({
          code,
          name,
          checked,
          goodForDays,
          services: services.length,
        }),
      ),
    }),
  )

  api.get(
    '/v1/catalog/:code',
    {
      config: { access: 'viewer' },
      schema: {
        summary: 'Services, limits and prices of one platform, each with its source',
        params: z.object({ code: z.string().regex(/^[a-z]{3}$/, 'a three-letter code') }),
        response: { 200: platformSchema, default: problemResponse },
      },
    },
    async (request) => loadPlatform(request.params.code, context.catalogFolder),
  )
}

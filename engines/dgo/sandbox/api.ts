import type { Json, StoredResource, World } from '../../../stacks/contract/sandbox.ts'
import { APP } from './app.ts'

/** The part of the API that look-ups use: the list of Apps, in pages. */
export async function api(path: string, world: World): Promise<{ status: number; body: Json }> {
  const url = new URL(path, 'http://sandbox')
  if (url.pathname !== '/v2/apps')
    return { status: 404, body: { id: 'not_found', message: 'The resource you were accessing could not be found.' } }
  const page = positive(url.searchParams.get('page'), 1)
  const size = Math.min(200, positive(url.searchParams.get('per_page'), 20))
  const all = await world.list(APP)
  const more = page * size < all.length
  return {
    status: 200,
    body: {
      apps: all.slice((page - 1) * size, page * size).map(shown),
      links: more ? { pages: { next: `/v2/apps?page=${page + 1}&per_page=${size}` } } : {},
      meta: { total: all.length },
    },
  }
}

function shown(app: StoredResource): Json {
  const spec = app.inputs.spec as Json
  return {
    id: app.id,
    owner_uuid: app.outputs.projectId,
    spec: { name: spec.name, region: spec.region },
    live_url: app.outputs.liveUrl,
    created_at: app.outputs.createdAt,
    updated_at: app.outputs.updatedAt,
  }
}

function positive(text: string | null, otherwise: number): number {
  const number = Number(text ?? otherwise)
  return Number.isInteger(number) && number > 0 ? number : otherwise
}

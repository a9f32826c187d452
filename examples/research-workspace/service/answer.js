/** What the service says to one request: a status and a JSON body. Pure, so that it runs the same everywhere. */
export function answer(data, method, target) {
  if (method !== 'GET' && method !== 'HEAD') return { status: 405, body: { error: 'only GET and HEAD' } }
  const url = parse(target)
  if (url === undefined) return { status: 400, body: { error: 'not a valid address' } }
  const path = url.pathname.replace(/\/+$/, '') || '/'
  const [, api, noun, id] = path.split('/')

  if (path === '/') return { status: 200, body: index(data) }
  if (path === '/health') return { status: 200, body: { status: 'ok', publications: data.publications.length } }
  if (api !== 'api') return notFound(path)
  if (noun === 'search') return search(data, url.searchParams.get('q'))
  if (noun === 'publications' && id === undefined) return publications(data, url.searchParams.get('year'))
  if (!['people', 'projects', 'publications'].includes(noun)) return notFound(path)
  if (id === undefined) return { status: 200, body: data[noun] }
  const found = data[noun].find((it) => it.id === id)
  return found === undefined ? notFound(path) : { status: 200, body: found }
}

function index(data) {
  return {
    name: data.group.name,
    about: data.group.tagline,
    endpoints: ['/health', '/api/people', '/api/projects', '/api/publications?year=2026', '/api/search?q=oxygen'],
  }
}

function publications(data, year) {
  if (year === null) return { status: 200, body: data.publications }
  if (!/^\d{4}$/.test(year)) return { status: 400, body: { error: 'year is four digits' } }
  return { status: 200, body: data.publications.filter((it) => it.year === Number(year)) }
}

function search(data, query) {
  const words = (query ?? '').toLowerCase().split(/\s+/).filter(Boolean)
  if (words.length === 0 || words.length > 10) return { status: 400, body: { error: 'q holds one to ten words' } }
  const hit = (it) => {
    const text = JSON.stringify(it).toLowerCase()
    return words.every((word) => text.includes(word))
  }
  return { status: 200, body: { projects: data.projects.filter(hit), publications: data.publications.filter(hit) } }
}

function parse(target) {
  try {
    return new URL(target, 'http://service.invalid')
  } catch {
    return undefined
  }
}

function notFound(path) {
  return { status: 404, body: { error: 'not found', path } }
}

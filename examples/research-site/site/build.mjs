// Builds the site into public/ from the files under data/. Plain Node, no dependencies: it runs anywhere.
// Usage: node site/build.mjs [--template institute|lab|student]
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { homePage, notFoundPage, peoplePage, projectPage, projectsPage, publicationsPage } from './pages.mjs'

/** What each template shows: an institute everything, a student only the work itself. */
const TEMPLATES = {
  institute: ['people', 'projects', 'publications'],
  lab: ['people', 'projects', 'publications'],
  student: ['projects'],
}

const here = dirname(fileURLToPath(import.meta.url))
const root = dirname(here)
const out = join(root, 'public')

const template = option('--template', 'institute')
const sections = TEMPLATES[template]
if (sections === undefined) {
  console.error(`unknown template ${JSON.stringify(template)}: ${Object.keys(TEMPLATES).join(', ')}`)
  process.exit(2)
}

const site = {
  template,
  sections,
  group: await data('group'),
  people: await data('people'),
  projects: await data('projects'),
  publications: await data('publications'),
}

const pages = { 'index.html': homePage(site), '404.html': notFoundPage(site) }
if (sections.includes('people')) pages['people/index.html'] = peoplePage(site)
if (sections.includes('publications')) pages['publications/index.html'] = publicationsPage(site)
if (sections.includes('projects')) {
  pages['projects/index.html'] = projectsPage(site)
  for (const project of site.projects) pages[`projects/${project.id}/index.html`] = projectPage(site, project)
}

await rm(out, { recursive: true, force: true })
for (const [path, html] of Object.entries(pages)) {
  await mkdir(dirname(join(out, path)), { recursive: true })
  await writeFile(join(out, path), html)
}
await cp(join(here, 'assets'), join(out, 'assets'), { recursive: true })
console.log(`built ${Object.keys(pages).length} pages (${template}) into ${out}`)

async function data(name) {
  return JSON.parse(await readFile(join(root, 'data', `${name}.json`), 'utf8'))
}

function option(name, otherwise) {
  const at = process.argv.indexOf(name)
  return at < 0 ? otherwise : process.argv[at + 1]
}

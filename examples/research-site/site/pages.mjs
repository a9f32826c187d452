// The pages, as functions from data to HTML. Links are relative, so that the site works under any path.

export function homePage(site) {
  const { group, projects, publications, people, sections } = site
  const latest = publications.filter((it) => it.year === Math.max(...publications.map((each) => each.year)))
  return page(
    site,
    '',
    group.name,
    `
    <section class="hero">
      <p class="kicker">${escapeHtml(group.institute)}</p>
      <h1>${escapeHtml(group.name)}</h1>
      <p class="lead">${escapeHtml(group.tagline)}</p>
      ${wave()}
    </section>
    <section class="about">
      ${group.about.map((text) => `<p>${escapeHtml(text)}</p>`).join('\n      ')}
    </section>
    ${site.template === 'institute' ? figures(people, projects, publications) : ''}
    <section>
      <h2>Projects</h2>
      ${projectCards(projects, '')}
    </section>
    ${
      sections.includes('publications')
        ? `<section>
      <h2>New this year</h2>
      ${publicationList(latest)}
      <p><a href="publications/">All publications</a></p>
    </section>`
        : ''
    }`,
  )
}

export function peoplePage(site) {
  return page(
    site,
    '../',
    'People',
    `
    <h1>People</h1>
    <ul class="cards">
      ${site.people
        .map(
          (person) => `<li class="card">
        <span class="avatar" aria-hidden="true">${escapeHtml(initials(person.name))}</span>
        <h2>${escapeHtml(person.name)}</h2>
        <p class="role">${escapeHtml(person.role)}</p>
        <p>${escapeHtml(person.works)}</p>
      </li>`,
        )
        .join('\n      ')}
    </ul>`,
  )
}

export function projectsPage(site) {
  return page(
    site,
    '../',
    'Projects',
    `
    <h1>Projects</h1>
    ${projectCards(site.projects, '../')}`,
  )
}

export function projectPage(site, project) {
  const people = site.people.filter((person) => project.people.includes(person.id))
  const publications = site.publications.filter((it) => it.project === project.id)
  return page(
    site,
    '../../',
    project.title,
    `
    <p class="kicker">${project.from} to ${project.until}</p>
    <h1>${escapeHtml(project.title)}</h1>
    <p class="lead">${escapeHtml(project.summary)}</p>
    <h2>Who</h2>
    <ul>${people.map((person) => `<li>${escapeHtml(person.name)}, ${escapeHtml(person.role.toLowerCase())}</li>`).join('')}</ul>
    <h2>Publications</h2>
    ${publicationList(publications)}`,
  )
}

export function publicationsPage(site) {
  const years = [...new Set(site.publications.map((it) => it.year))].sort((a, b) => b - a)
  return page(
    site,
    '../',
    'Publications',
    `
    <h1>Publications</h1>
    ${years
      .map(
        (year) => `<h2>${year}</h2>
    ${publicationList(site.publications.filter((it) => it.year === year))}`,
      )
      .join('\n    ')}`,
  )
}

export function notFoundPage(site) {
  // A page of unknown depth: only the root is a safe link.
  return page(
    site,
    '/',
    'Not found',
    `
    <h1>Lost at low tide</h1>
    <p class="lead">There is no such page here.</p>
    <p><a href="/">To the front page</a></p>`,
  )
}

function page(site, up, title, content) {
  const { group, sections } = site
  const full = title === group.name ? title : `${title} · ${group.name}`
  const links = sections.map((name) => {
    const here = title.toLowerCase() === name ? ' aria-current="page"' : ''
    return `<li><a href="${up}${name}/"${here}>${name[0].toUpperCase()}${name.slice(1)}</a></li>`
  })
  return `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>${escapeHtml(full)}</title>
  <meta name="description" content="${escapeHtml(group.tagline)}">
  <link rel="icon" href="${up}assets/icon.svg" type="image/svg+xml">
  <link rel="stylesheet" href="${up}assets/style.css">
</head>
<body>
  <a class="skip" href="#content">Skip to content</a>
  <header class="top">
    <a class="brand" href="${up === '' ? './' : up}">${escapeHtml(group.name)}</a>
    <nav aria-label="Main"><ul>${links.join('')}</ul></nav>
  </header>
  <main id="content">${content}
  </main>
  <footer>
    <p>${escapeHtml(group.contact.address)} · <a href="mailto:${escapeHtml(group.contact.email)}">${escapeHtml(group.contact.email)}</a></p>
    <p>Everything on this site is open: CC BY 4.0.</p>
  </footer>
</body>
</html>
`
}

function projectCards(projects, up) {
  return `<ul class="cards">
      ${projects
        .map(
          (project) => `<li class="card">
        <p class="role">${project.from} to ${project.until}</p>
        <h3><a href="${up}projects/${project.id}/">${escapeHtml(project.title)}</a></h3>
        <p>${escapeHtml(project.summary)}</p>
      </li>`,
        )
        .join('\n      ')}
    </ul>`
}

function publicationList(publications) {
  return `<ol class="publications">
      ${publications.map((it) => `<li><cite>${escapeHtml(it.title)}</cite><br>${escapeHtml(it.authors.join(', '))}. ${escapeHtml(it.venue)}, ${it.year}.</li>`).join('\n      ')}
    </ol>`
}

function figures(people, projects, publications) {
  const figure = (count, what) => `<li><strong>${count}</strong> ${what}</li>`
  return `<section aria-label="In figures"><ul class="figures">${figure(people.length, 'people')}${figure(projects.length, 'projects')}${figure(publications.length, 'publications')}</ul></section>`
}

function wave() {
  return '<svg class="wave" viewBox="0 0 720 60" aria-hidden="true" preserveAspectRatio="none"><path d="M0 40 C 120 0 240 60 360 32 S 600 8 720 36 V60 H0 Z"/></svg>'
}

function initials(name) {
  return name
    .split(' ')
    .map((part) => part[0])
    .join('')
}

function escapeHtml(text) {
  return String(text).replace(/[&<>"']/g, (it) => `&#${it.charCodeAt(0)};`)
}

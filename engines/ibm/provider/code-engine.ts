/** Code Engine's HTTP API of one region, by the id of a project: `<region>/<guid>`. */
export function codeEngine(project: string, path = ''): string {
  const [region, guid] = project.split('/')
  return `${codeEngineProjects(region ?? '')}/${guid}${path}`
}

export function codeEngineProjects(region: string): string {
  return `https://api.${region}.codeengine.cloud.ibm.com/v2/projects`
}

/** `<region>/<guid>/<name>` of what lies in a project. */
export function partsOf(id: string): { project: string; name: string } {
  const [region, guid, name] = id.split('/')
  if (!region || !guid || !name) throw new Error(`expected an id as "region/project/name", got "${id}"`)
  return { project: `${region}/${guid}`, name }
}

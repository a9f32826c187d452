/** What the machine is told: where its releases lie, which one is wanted, and by which agent. Costs nothing to ask. */
export async function readMetadata(fetch, url) {
  const answer = await fetch(url, { headers: { authorization: 'Bearer Oracle' }, signal: AbortSignal.timeout(10_000) })
  if (!answer.ok) throw new Error(`the metadata service answered ${answer.status}`)
  const { pipi_source: source, pipi_release: release, pipi_agent: agent } = await answer.json()
  if ([source, release, agent].some((one) => typeof one !== 'string'))
    throw new Error('the metadata names no source, release and agent')
  return { source, release, agent }
}

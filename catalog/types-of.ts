import type { Platform } from './schema.ts'

/** Every resource type that a platform's facts name: metered, never free, free of charge. */
export function typesOf(platform: Platform): string[] {
  return [
    ...new Set([
      ...platform.services.flatMap((service) => service.types),
      ...platform.neverFree.flatMap((fact) => fact.type ?? []),
      ...platform.zeroCost,
    ]),
  ]
}

/** Services that name a type, those of which somebody can have something for free first. */
export function servicesOf(
  platform: Platform,
  type: string,
): { open: Platform['services']; closed: Platform['services'] } {
  const naming = platform.services.filter((service) => service.types.includes(type))
  return { open: naming.filter((service) => !isClosed(service)), closed: naming.filter(isClosed) }
}

/** Whether nobody without paying or a trial has anything of a service, or nothing of it is made here. */
export function isClosed(service: Platform['services'][number]): boolean {
  if (service.refused !== undefined) return true
  const spent = service.onLimit === 'unknown' || service.onLimit === 'drain-credit'
  return !service.active || spent || service.meters.every((meter) => meter.period === 'window' || meter.limit === 0)
}

/** What the platform's own plugin has no resource for; `provider/` does it in this process. */
export const OWN = {
  provider: 'oci-own',
  /** A random password that stands in the state alone, as a secret. */
  password: 'oci-own:database:Password',
} as const

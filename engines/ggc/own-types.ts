/** What the platform's own plugin has no resource for; `provider/` does it in this process. */
export const OWN = {
  provider: 'gcp-own',
  /** An image in Artifact Registry: its repository can be made by the plugin, what lies in it cannot. */
  image: 'gcp-own:registry:Image',
} as const

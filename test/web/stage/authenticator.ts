/** Web authenticator: Chromium's own virtual one (WebAuthn domain of the DevTools protocol), as somebody with a security key or a finger has it. */
import type { Page } from 'playwright-core'

export type WebAuthenticator = {
  /** Whether the person is who they say: a PIN that is right, a finger that is known. */
  verifies(isVerified: boolean): Promise<void>
  /** What it keeps. */
  credentials(): Promise<Kept[]>
  /** Takes over what another keeps, as a thief or a backup would. */
  take(credential: Kept): Promise<void>
}

type Kept = { credentialId: string; isResidentCredential: boolean; privateKey: string; signCount: number }

/** A new one, at whatever the page asks for. */
export async function plugIn(page: Page): Promise<WebAuthenticator> {
  const session = await page.context().newCDPSession(page)
  await session.send('WebAuthn.enable')
  const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  })
  const credentials = async () => (await session.send('WebAuthn.getCredentials', { authenticatorId })).credentials
  return {
    verifies: async (isUserVerified) => {
      await session.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified })
    },
    credentials,
    async take(credential) {
      await session.send('WebAuthn.addCredential', { authenticatorId, credential })
    },
  }
}

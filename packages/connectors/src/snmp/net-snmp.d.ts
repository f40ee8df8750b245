/** The types of net-snmp that this code uses. The library has none of its own. */
declare module 'net-snmp' {
  export type Varbind = { oid: string; type: number; value: unknown }
  type Done = (error: unknown, varbinds: Varbind[]) => void
  export type SnmpSession = {
    get(oids: readonly string[], done: Done): void
    set(varbinds: readonly Varbind[], done: Done): void
    subtree(oid: string, repetitions: number, feed: (found: Varbind[]) => boolean, done: (error: unknown) => void): void
    on(event: 'error', hear: (error: unknown) => void): void
    close(): void
    dgram: import('node:dgram').Socket
  }
  export type SnmpUser = {
    name: string
    level: number
    authProtocol?: string
    authKey?: string
    privProtocol?: string
    privKey?: string
  }
  type Options = {
    port: number
    retries: number
    timeout: number
    version: number
    idBitsSize: 32
    reportOidMismatchErrors: true
  }
  export function createSession(host: string, community: string, options: Options): SnmpSession
  export function createV3Session(host: string, user: SnmpUser, options: Options): SnmpSession
  export function isVarbindError(varbind: Varbind): boolean
  export const Version2c: number
  export const Version3: number
  export const SecurityLevel: { noAuthNoPriv: number; authNoPriv: number; authPriv: number }
  export const AuthProtocols: Record<'sha' | 'sha256' | 'sha512', string>
  export const PrivProtocols: Record<'aes' | 'aes256b' | 'aes256r', string>
  export const ObjectType: Record<'Integer' | 'OctetString' | 'Gauge' | 'Counter64', number>
}

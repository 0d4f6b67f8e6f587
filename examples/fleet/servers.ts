import { join } from 'node:path'
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import { canStartS3Server, startS3Server } from '../../test/object-store/s3-server.js'
import { startRedis } from '../../test/workers/queue/redis-server.js'

/** What a fleet shares: a queue and a store. */
export interface Servers {
  readonly redis: string
  readonly store: string
  /** How the store is shown to people. */
  readonly about: string
  /** Environment of every process of the fleet: how to reach both. */
  readonly environment: Readonly<Record<string, string>>
  stop(): Promise<void>
}

/** Starts Redis on a free port, and an S3 server if one is installed; `store`: an existing one. */
export const startServers = async (folder: string, store?: string): Promise<Servers> => {
  const redis = await startRedis()
  try {
    const shared = store === undefined ? await startStore(folder) : { store, about: store, environment: {}, stop }
    return {
      ...shared,
      redis: redis.url,
      environment: { TASKCHAIN_REDIS: redis.url, ...shared.environment },
      stop: async () => {
        await Promise.all([redis.stop(), shared.stop()])
      },
    }
  } catch (error) {
    await redis.stop()
    throw error
  }
}

const stop = async (): Promise<void> => undefined

const startStore = async (folder: string): Promise<Omit<Servers, 'redis'>> => {
  if (!canStartS3Server()) {
    const about = 'a shared folder (apt-get install radosgw ceph-mon ceph-osd for a bucket)'
    return { store: join(folder, 'tasks'), about, environment: {}, stop }
  }
  const server = await startS3Server()
  const [accessKeyId, secretAccessKey] = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'].map(
    (name) => server.environment[name] ?? '',
  ) as [string, string] // two names
  const client = new S3Client({
    endpoint: server.endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId, secretAccessKey },
  })
  await client.send(new CreateBucketCommand({ Bucket: 'movies' }))
  client.destroy()
  const store = 's3://movies/tasks'
  return { store, about: `${store} on Ceph's gateway`, environment: server.environment, stop: server.stop }
}

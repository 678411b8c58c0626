import { z } from 'zod'

const metrics = z.object({
  step: z.int(),
  epoch: z.int(),
  train_loss: z.number(),
  train_mean_token_accuracy: z.number(),
  train_rewards_accuracy: z.number().optional(),
  train_rewards_margin: z.number().optional(),
  valid_loss: z.number().optional(),
  valid_mean_token_accuracy: z.number().optional(),
  full_valid_loss: z.number().optional(),
  full_valid_mean_token_accuracy: z.number().optional(),
})

/** What `python -m assay_trainer` answers, as python/trainer/README.md says. */
export const workerMessage = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready') }),
  z.object({ type: z.literal('loading') }),
  z.object({ type: z.literal('started'), total_steps: z.int(), train_tokens: z.int() }),
  metrics.extend({ type: z.literal('metrics') }),
  z.object({
    type: z.literal('checkpoint'),
    epoch: z.int(),
    step: z.int(),
    adapter_path: z.string(),
    peft_directory: z.string(),
    metrics,
  }),
  z.object({ type: z.literal('completed'), trained_tokens: z.int() }),
  z.object({ type: z.literal('cancelled') }),
  z.object({ type: z.literal('error'), code: z.string(), message: z.string() }),
])

export type WorkerMessage = z.infer<typeof workerMessage>
export type WorkerMetrics = z.infer<typeof metrics>

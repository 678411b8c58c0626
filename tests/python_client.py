"""The unmodified Python client against a running service: python_client.py BASE_URL JOB. Prints what it saw as JSON."""

import json
import sys

from openai import OpenAI

client = OpenAI(base_url=sys.argv[1])
job = client.fine_tuning.jobs.retrieve(sys.argv[2])
assert job.id in [listed.id for listed in client.fine_tuning.jobs.list()]
events = list(client.fine_tuning.jobs.list_events(job.id, limit=5))
assert len({event.id for event in events}) == len(events) > 5, "all pages"
assert client.models.retrieve(job.fine_tuned_model).id == job.fine_tuned_model

rows = [{"messages": [{"role": "user", "content": f"What is {n}?"}, {"role": "assistant", "content": f"{n}."}]} for n in range(12)]
content = "\n".join(json.dumps(row) for row in rows).encode()
file = client.files.create(file=("cancelled.jsonl", content), purpose="fine-tune")
fresh = client.fine_tuning.jobs.create(model=job.model, training_file=file.id)
assert client.fine_tuning.jobs.cancel(fresh.id).status == "cancelled"
assert client.files.delete(file.id).deleted

question = [{"role": "user", "content": "What is 3 times 4?"}]
reply = client.chat.completions.create(model=job.fine_tuned_model, messages=question, max_tokens=16)
chunks = client.chat.completions.create(model=job.fine_tuned_model, messages=question, max_tokens=16, stream=True)
streamed = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
print(
    json.dumps(
        {
            "status": job.status,
            "model": job.fine_tuned_model,
            "event": events[-1].message,
            "reply": reply.choices[0].message.content,
            "streamed": streamed,
        }
    )
)

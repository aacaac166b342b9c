/** The sandbox's control API, one function a request. */

async function request(method, path, body) {
  const json = body !== undefined && !(body instanceof FormData);
  const response = await fetch(path, {
    method,
    body: json ? JSON.stringify(body) : body,
    headers: json ? { "Content-Type": "application/json" } : {},
  });
  const answer = await response.json().catch(() => null);
  if (!response.ok) throw new Error(answer?.description ?? answer?.error ?? `Песочница ответила ${response.status}`);
  return answer;
}

const chatPath = (chat, action) => `/sandbox/chats/${chat.chatId}/${action}`;
const inThread = (chat, body) => (chat.threadId ? { ...body, thread_id: chat.threadId } : body);

export const state = () => request("GET", "/sandbox/state");
export const links = () => request("GET", "/sandbox/links");
export const messages = (chat) =>
  request("GET", chatPath(chat, "messages") + (chat.threadId ? `?thread_id=${chat.threadId}` : ""));
export const events = (cursor) => new EventSource(`/sandbox/events?after=${cursor}`);

export const addPerson = (person) => request("POST", "/sandbox/people", person);
export const block = (person) => request("POST", `/sandbox/people/${person.id}/block`, {});
export const unblock = (person) => request("POST", `/sandbox/people/${person.id}/unblock`, {});

export const sendText = (chat, userId, text, replyTo) =>
  request("POST", chatPath(chat, "text"), inThread(chat, { user_id: userId, text, reply_to_message_id: replyTo }));
export const sendContact = (chat, userId, contact) =>
  request("POST", chatPath(chat, "contact"), { user_id: userId, ...contact });
export const sendLocation = (chat, userId, location) =>
  request("POST", chatPath(chat, "location"), { user_id: userId, ...location });
export const editText = (chat, userId, messageId, text) =>
  request("POST", chatPath(chat, "edit"), { user_id: userId, message_id: messageId, text });
export const deleteMessage = (chat, userId, messageId) =>
  request("POST", chatPath(chat, "delete"), { user_id: userId, message_id: messageId });
export const press = (chat, userId, messageId, data) =>
  request("POST", chatPath(chat, "press"), { user_id: userId, message_id: messageId, data });

export function sendFiles(chat, userId, kind, files, caption) {
  const form = new FormData();
  form.append("user_id", userId);
  form.append("kind", kind);
  if (caption) form.append("caption", caption);
  if (chat.threadId) form.append("thread_id", chat.threadId);
  files.forEach((file, index) => form.append(`file${index + 1}`, file, file.name));
  return request("POST", chatPath(chat, "files"), form);
}

export const openTopic = (group, userId, name) =>
  request("POST", `/sandbox/groups/${group.id}/topics`, { user_id: userId, name });
export const closeTopic = (chat, userId, closed) =>
  request("POST", `/sandbox/groups/${chat.chatId}/topics/${chat.threadId}/${closed ? "close" : "reopen"}`, { user_id: userId });
export const deleteTopic = (chat) =>
  request("DELETE", `/sandbox/groups/${chat.chatId}/topics/${chat.threadId}`);

export const fileUrl = (fileId) => `/sandbox/files/${encodeURIComponent(fileId)}`;

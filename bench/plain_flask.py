"""The smallest Flask app on the same server, as a program: prints its port, then answers until it is ended."""

from flask import Flask
from werkzeug.serving import make_server

app = Flask(__name__)


@app.get("/")
def hello() -> dict[str, bool]:
    """One answer."""
    return {"success": True}


if __name__ == "__main__":
    server = make_server("127.0.0.1", 0, app, threaded=True)
    print(server.server_port, flush=True)
    server.serve_forever()
